// Generates mini-programs of any size: pages with templates, modules that require one another, shared stores and wrappers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a mini-program.
 *
 * @param {string} root an empty folder
 * @param {number} pages
 * @param {number} modules the total number of scripts, with the pages'
 */
export function generateProject(root, pages, modules) {
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const routes = Array.from({ length: pages }, (_, index) => `pages/p${index}/index`);
  const helpers = Math.max(1, modules - pages - 2);
  write('app.json', JSON.stringify({ pages: routes }));
  write('app.js', 'App({ globalData: { user: null, cart: [] }, onLaunch() { this.globalData.cart = []; } });\n');
  write('net.js', NET);
  for (let index = 0; index < helpers; index += 1) {
    write(`lib/d${index % 100}/m${index}.js`, helper(index, helpers));
  }
  routes.forEach((route, index) => {
    write(`${route}.js`, page(index, helpers));
    write(`${route}.axml`, TEMPLATE);
    write(`${route}.json`, '{}');
  });
}

export const NET = `const BASE = 'https://shop.example';
function request(path, data) {
  return new Promise((resolve, reject) => {
    my.request({ url: BASE + path, method: 'POST', data, success: (res) => resolve(res.data), fail: reject });
  });
}
module.exports = { request };
`;

export function helper(index, count) {
  const next = (index * 7 + 1) % count;
  return `const { request } = require('../../net');
const other = require('../d${next % 100}/m${next}');
const cache = { items: [], last: null };
function format(item, index) {
  const price = (item.price / 100).toFixed(2);
  return { id: item.id, title: item.title.trim() + ' #' + index, price: price > 10 ? '¥' + price : price };
}
async function list${index}(query) {
  const answer = await request('/list/${index}', Object.assign({ page: 1, size: 20 }, query));
  cache.items = (answer.items || []).map(format).filter((item) => item.id);
  cache.last = cache.items[0] || null;
  return cache.items;
}
function remember(item) {
  if (!item) {
    return cache.last;
  }
  switch (item.kind) {
    case 'a': cache.last = item; break;
    case 'b': cache.items.push(item); break;
    default: return other.remember ? null : item;
  }
  return cache.last;
}
exports.list = list${index};
exports.remember = remember;
exports.format = format;
`;
}

function page(index, count) {
  const used = [1, 2, 3].map((step) => (index * 3 + step) % count);
  const lines = used.map((use, place) => `const lib${place} = require('../../lib/d${use % 100}/m${use}');`);
  // Every fiftieth page breaks both rules, so that the time includes reporting.
  const breach = index % 50 === 0;
  return `${lines.join('\n')}
const { request } = require('../../net');
const app = getApp();
Page({
  data: { items: [], name: '', busy: false },
  onLoad(query) {
    this.reload(query.kind);
    ${breach ? "my.getAuthCode({ scopes: 'auth_user', success: (res) => request('/auth', { code: res.authCode }) });" : ''}
  },
  async reload(kind) {
    this.setData({ busy: true });
    try {
      const items = await lib0.list({ kind });
      this.setData({ items: items.concat(await lib1.list({ kind })) });
    } catch (error) {
      my.showToast({ content: String(error && error.message) });
    } finally {
      this.setData({ busy: false });
    }
  },
  tap(event) {
    my.getAuthUserInfo({
      success: (user) => {
        this.setData({ name: user.nickName });
        ${breach ? "request('/user', { name: user.nickName });" : ''}
      },
    });
    lib2.remember(event.currentTarget.dataset.item);
  },
  buy(event) {
    const { id } = event.currentTarget.dataset;
    app.globalData.cart.push(id);
    request('/buy', { id, count: this.data.items.length }).then(() => my.navigateTo({ url: '/pages/p0/index?id=' + id }));
  },
});
`;
}

export const TEMPLATE = `<view class="page">
  <text>{{name || '-'}}</text>
  <button onTap="tap" disabled="{{busy}}">x</button>
  <view a:for="{{items}}" a:key="id">
    <text a:if="{{item.price > 3 && index < 9}}">{{item.title}}</text>
    <button data-id="{{item.id}}" data-item="{{item}}" onTap="buy">{{item.price}}</button>
  </view>
</view>
`;

/**
 * Generates minified code of about that many bytes: one line of nested functions with short names that call one another.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function minified(bytes) {
  const parts = ['!function(){var e={},t=[];'];
  let size = 0;
  for (let index = 0; size < bytes; index += 1) {
    const part =
      `function f${index}(n,r){var o=n&&n.a||{},i=r?r.length:0;for(var a=0;a<i;a++){o["k"+a]=r[a]?f${Math.max(0, index - 1)}(r[a],o):null}` +
      `if(i>3)return function(n){return n(o,t.push(o))};e.x${index}=function(){return f${Math.floor(index / 2)}(this,arguments)};` +
      `return i%2?o:(t[i]=o,Object.assign({},o,{b:"${index}",c:[n,r]}))}`;
    parts.push(part);
    size += part.length;
  }
  parts.push('e.x1();Page({onLoad(){f9(this,[1,2])}})}();');
  return parts.join('');
}
