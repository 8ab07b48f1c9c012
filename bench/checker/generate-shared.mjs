// Generates mini-programs whose pages share most of their code: an adapter, helpers, a store, packed modules.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NET, TEMPLATE, helper } from './generate.mjs';

/**
 * Writes a mini-program like large real ones: pages and components over shared code. That is a library that adapts another platform's
 * calls in loops, a file that exports all common helpers, a store of many parts, and modules packed by webpack.
 *
 * @param {string} root an empty folder
 * @param {number} files the total number
 */
export function generateShared(root, files) {
  let written = 0;
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    written += 1;
  };
  const pages = Math.floor(files / 10);
  const helpers = Math.floor(files / 10);
  const parts = Math.floor(files / 100);
  const routes = Array.from({ length: pages }, (_, index) => `pages/p${index}/index`);
  const numbers = (count) => Array.from({ length: count }, (_, index) => index);
  write('app.json', JSON.stringify({ pages: routes }));
  write(
    'app.js',
    "const store = require('./store/index');\nmy.track = (name) => store.commit(name);\nApp({ onLaunch() { my.track('launch'); } });\n",
  );
  write('adapter/index.js', ADAPTER);
  write('adapter/relations.js', relations(120));
  write('common/runtime.js', RUNTIME);
  write('common/vendor.js', vendor(200));
  write('net.js', NET);
  numbers(helpers).forEach((index) => write(`utils/u${index}.js`, commonHelper(index, helpers)));
  write(
    'utils/index.js',
    numbers(helpers)
      .map((index) => `export * from './u${index}';\n`)
      .join(''),
  );
  numbers(parts).forEach((index) => write(`store/s${index}.js`, part(index)));
  write(
    'store/index.js',
    `const parts = [${numbers(parts)
      .map((index) => `require('./s${index}')`)
      .join(', ')}];\n${STORE}`,
  );
  routes.forEach((route, index) => {
    write(`${route}.js`, sharingPage(index, helpers));
    write(`${route}.axml`, TEMPLATE);
    write(`${route}.json`, JSON.stringify({ usingComponents: { card: `/components/c${index}/index` } }));
    write(`${route}.acss`, '.page { color: #333; }\n');
    write(`components/c${index}/index.js`, CARD);
    write(`components/c${index}/index.axml`, '<view onTap="tap">{{title}}</view>\n');
    write(`components/c${index}/index.json`, '{ "component": true }');
  });
  for (let index = 0; written < files; index += 1) {
    write(`lib/l${index}.js`, helper(index, 1).replace("'../../net'", "'../net'").replace("'../d0/m0'", "'../utils/u0'"));
  }
}

/** An adapter: wraps each known call of the other platform, and combines them in loops. */
const ADAPTER = `const relations = require('./relations');
const calls = {};
function wrap(name, relation) {
  return function (options) {
    const given = Object.assign({}, options);
    for (const key in relation.options) given[relation.options[key]] = given[key];
    const done = given.success;
    given.success = (answer) => { if (done) done(processRelations(answer, relation.answer)); };
    return my[relation.to || name](given);
  };
}
function processRelations(object, relation) {
  for (const key in relation) {
    const to = relation[key];
    if (typeof to === 'object') object[key] = processRelations(object[key] || {}, to);
    else object[to] = object[key];
  }
  return object;
}
for (const name in relations) {
  calls[name] = wrap(name, relations[name]);
  for (const other in relations) {
    if (relations[other].to === relations[name].to) relations[name].same = relations[other];
  }
  processRelations(relations[name], relations[name].options);
}
function page(options) {
  for (const name in options) if (typeof options[name] === 'function') options[name].relation = relations[name];
  return options;
}
module.exports = { calls, page, processRelations };
`;

function relations(count) {
  const lines = Array.from(
    { length: count },
    (_, index) =>
      `  call${index}: { to: 'call${index >> 1}', options: { a${index}: 'b${index}', c: 'd' }, answer: { x: 'y', inner: { z${index}: 'w' } } },\n`,
  );
  return `module.exports = {\n${lines.join('')}};\n`;
}

const RUNTIME = `(function (modules) {
  function jsonp(data) { var more = data[1]; for (var id in more) modules[id] = more[id]; if (data[2]) for (var i = 0; i < data[2].length; i++) require(data[2][i][0]); }
  var installed = {};
  function require(id) {
    if (installed[id]) return installed[id].exports;
    var module = installed[id] = { i: id, exports: {} };
    modules[id].call(module.exports, module, module.exports, require);
    return module.exports;
  }
  var all = global['webpackJsonp'] = global['webpackJsonp'] || [];
  all.push = jsonp;
})([]);
`;

function vendor(count) {
  const modules = Array.from(
    { length: count },
    (_, index) => `"${index}": function (module, exports, require) {
  var other = require("${(index * 3 + 1) % count}");
  var known = { id: ${index}, list: [1, 2, 3], by: {} };
  function of(value) { var result = {}; for (var key in known) { result[key] = value && value[key] || known[key]; } return result; }
  Object.keys(known).forEach(function (key) { known.by[key] = of(known[key]); });
  module.exports = { of: of, other: other, known: known };
}`,
  );
  return `(global["webpackJsonp"] = global["webpackJsonp"] || []).push([["common/vendor"], {\n${modules.join(',\n')}\n}]);\n`;
}

const commonHelper = (index, count) => `import { request } from '../net';
${index % 5 ? `import { known${Math.floor(index / 5)} } from './u${Math.floor(index / 5)}';\n` : ''}const table = {};
['id', 'name', 'price', 'count', 'kind'].forEach((key, place) => { table[key] = { place, label: key + ${index}, of: ${count} }; });
export const known${index} = Object.assign({}, table${index % 5 ? `, known${Math.floor(index / 5)}` : ''});
export function format${index}(item) {
  const result = {};
  for (const key of Object.keys(known${index})) result[key] = item[key] === undefined ? '-' : String(item[key]);
  return result;
}
export async function load${index}(query) {
  const answer = await request('/load/${index}', query);
  return (answer.items || []).map(format${index});
}
`;

const part = (index) => `const state = { items${index}: [], at: null };
module.exports = {
  name: 's${index}',
  state,
  mutations: { set${index}(state, items) { state.items${index} = items; }, clear${index}(state) { state.items${index} = []; } },
};
`;

const STORE = `const state = {};
const mutations = {};
for (const part of parts) {
  state[part.name] = part.state;
  Object.keys(part.mutations).forEach((name) => { mutations[name] = (value) => part.mutations[name](part.state, value); });
}
module.exports = { state, commit(name, value) { if (mutations[name]) mutations[name](value); } };
`;

const CARD = `const { processRelations } = require('../../adapter/index');
Component({
  props: { title: '' },
  methods: { tap() { this.props.onPick(processRelations({ x: this.props.title }, { x: 'y' })); } },
});
`;

function sharingPage(index, count) {
  const breach = index % 50 === 0;
  return `require('../../common/runtime');
require('../../common/vendor');
const { calls, page } = require('../../adapter/index');
import { format${index % count}, load${(index * 7) % count} } from '../../utils/index';
const store = require('../../store/index');
(global["webpackJsonp"] = global["webpackJsonp"] || []).push([["pages/p${index}/index"], { "p${index}": function (module, exports, require) {
  var a = require("${index % 200}");
  my.tool${index % 7} = a.of;
} }, [["p${index}", "common/runtime", "common/vendor"]]]);
Page(page({
  data: { items: [], name: '', busy: false },
  onLoad(query) {
    this.reload(query.kind);
    ${breach ? "my.getAuthCode({ scopes: 'auth_user', success: (res) => this.reload(res.authCode) });" : ''}
  },
  async reload(kind) {
    const items = await load${(index * 7) % count}({ kind });
    store.commit('set0', items.map(format${index % count}));
    this.setData({ items });
  },
  tap(event) {
    my.getAuthUserInfo({ success: (user) => { this.setData({ name: user.nickName }); ${breach ? "my.request({ url: 'https://shop.example/u', data: { name: user.nickName } });" : ''} } });
    calls.call${index % 120}({ a: event.currentTarget.dataset.id, success: (answer) => this.setData({ answer }) });
  },
  buy(event) {
    calls.call${(index * 3) % 120}({ a: event.currentTarget.dataset.id });
    my.track('buy');
  },
}));
`;
}
