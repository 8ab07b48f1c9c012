const { auth } = require('../../auth');
const { products } = require('../../catalog');

// Browsing needs no identity: this page asks the library for nothing.
Page({
  data: {
    products,
    places: [
      { url: '/pages/member/index', name: '会员中心', note: '展示昵称，成为会员' },
      { url: '/pages/boundary/index', name: '越界', note: '展示信息传不出页面' },
      { url: '/pages/tap/index', name: '点击证明', note: '没有点击，就没有弹窗' },
    ],
  },

  /** The page has been drawn: start the library now, so the first tap on any page does not wait for it. */
  onReady() {
    auth.prepare();
  },

  /** @param {ViewEvent} event */
  order(event) {
    my.navigateTo({ url: '/pages/order/index?id=' + event.currentTarget.dataset.id });
  },

  /** @param {ViewEvent} event */
  open(event) {
    my.navigateTo({ url: event.currentTarget.dataset.url });
  },
});
