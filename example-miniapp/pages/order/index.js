const { auth, SERVER } = require('../../auth');
const { findProduct } = require('../../catalog');
const { toFault } = require('../../fault');

/** @typedef {{ number: number, text: string, remark: string, customer: string }} Order */

Page({
  data: {
    product: findProduct(undefined),
    quantity: 1,
    orders: /** @type {Order[]} */ ([]),
    busy: false,
    fault: /** @type {Fault | null} */ (null),
  },

  /** @param {{ id?: string }} query */
  onLoad(query) {
    this.setData({ product: findProduct(query.id) });
  },

  fewer() {
    this.setData({ quantity: Math.max(1, this.data.quantity - 1) });
  },

  more() {
    this.setData({ quantity: Math.min(9, this.data.quantity + 1) });
  },

  /**
   * An order needs to identify the customer: the first request logs in silently, later ones use the session.
   *
   * @param {ViewEvent} event
   */
  async submit(event) {
    if (this.data.busy) {
      return;
    }
    this.setData({ busy: true, fault: null });
    try {
      const { data } = await auth.httpRequest({ url: SERVER + '/session' });
      this.keep(event.detail.value.remark, /** @type {{ member: { nick_name: string | null } | null }} */ (data).member);
    } catch (error) {
      this.setData({ fault: toFault(error) });
    } finally {
      this.setData({ busy: false });
    }
  },

  /**
   * @param {string | undefined} remark
   * @param {{ nick_name: string | null } | null} member
   */
  keep(remark, member) {
    const { product, quantity, orders } = this.data;
    const order = {
      number: orders.length + 1,
      text: product.name + ' × ' + quantity + '，合计 ¥' + product.price * quantity,
      remark: remark || '',
      customer: member ? member.nick_name || '会员（未设置昵称）' : '已登录的顾客（还不是会员）',
    };
    this.setData({ orders: [order].concat(orders) });
  },
});
