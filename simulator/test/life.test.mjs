import assert from 'node:assert/strict';
import test from 'node:test';
import { startLogic } from './support/logic.mjs';

/** Logs every hook with its arguments. */
const LOGGING = `
const log = (owner, names) => names.reduce((hooks, name) => {
  hooks[name] = (...values) => console.log([owner, name, ...values.map((value) => JSON.stringify(value))].join(' '));
  return hooks;
}, {});`;

const APP = `${LOGGING}
App(Object.assign({ globalData: 1 }, log('app', ['onLaunch', 'onShow', 'onHide'])));`;

const page = (name, more = '{}') => `${LOGGING}
Page(Object.assign(log('${name}', ['onLoad', 'onShow', 'onReady', 'onHide', 'onUnload', 'onTitleClick', 'onPageScroll', 'onReachBottom', 'onTabItemTap']), ${more}));`;

const TWO_PAGES = {
  'app.json': '{ "pages": ["pages/a", "pages/b"] }',
  'app.js': APP,
  'pages/a.js': page('a', '{ go() { my.navigateTo({ url: "b?x=%E4%B8%80&y=1%2B1&z" }); } }'),
  'pages/b.js': page('b', '{ back() { my.navigateBack(); }, replace() { my.redirectTo({ url: "a" }); } }'),
};

test('at start the app is launched and shown, then the first page is loaded and shown', async () => {
  const logic = await startLogic(TWO_PAGES);
  assert.deepEqual(logic.log(), [
    'app onLaunch {"path":"pages/a","scene":"0000"}',
    'app onShow {"path":"pages/a","scene":"0000"}',
    'a onLoad {}',
    'a onShow',
  ]);
  await logic.after({ type: 'ready', page: logic.front.page });
  assert.deepEqual(logic.log(), ['a onReady']);
});

test("launch parameters: a page with its query, the app's query, and a scene", async () => {
  const logic = await startLogic(TWO_PAGES, { start: { page: 'pages/b?p=1', query: 'q=a%26b', scene: '1011' } });
  assert.deepEqual(logic.log(), [
    'app onLaunch {"path":"pages/b","scene":"1011","query":{"q":"a&b"}}',
    'app onShow {"path":"pages/b","scene":"1011","query":{"q":"a&b"}}',
    'b onLoad {"p":"1"}',
    'b onShow',
  ]);
});

test('entryPagePath sets the first page', async () => {
  const logic = await startLogic({ ...TWO_PAGES, 'app.json': '{ "pages": ["pages/a", "pages/b"], "entryPagePath": "pages/b" }' });
  assert.equal(logic.front && logic.of('page-open')[0].route, 'pages/b');
});

test('pages hide, show and unload during navigation; the app does not', async () => {
  const logic = await startLogic(TWO_PAGES);
  logic.log();
  await logic.act('go');
  assert.deepEqual(logic.log(), ['a onHide', 'b onLoad {"x":"一","y":"1+1","z":""}', 'b onShow']);
  assert.equal(logic.front.stack.length, 2);
  await logic.act('back');
  assert.deepEqual(logic.log(), ['b onUnload', 'a onShow']);
  await logic.act('go');
  logic.log();
  await logic.act('replace');
  assert.deepEqual(logic.log(), ['b onUnload', 'a onLoad {}', 'a onShow']);
});

test('background and foreground: first the page hides, first the app shows; once each', async () => {
  const logic = await startLogic(TWO_PAGES);
  logic.log();
  await logic.after({ type: 'background' });
  await logic.after({ type: 'background' });
  assert.deepEqual(logic.log(), ['a onHide', 'app onHide']);
  await logic.after({ type: 'panel-closed', shows: ['app', 'page'] });
  assert.deepEqual(logic.log(), [], 'nothing is shown in the background');
  await logic.after({ type: 'foreground' });
  assert.deepEqual(logic.log(), ['app onShow {"path":"pages/a","scene":"0000"}', 'a onShow']);
});

test('when a panel closes, onShow is called as the phone says, without onHide before', async () => {
  const logic = await startLogic(TWO_PAGES);
  for (const [shows, expected] of [
    [[], []],
    [['page'], ['a onShow']],
    [
      ['app', 'page'],
      ['app onShow {"path":"pages/a","scene":"0000"}', 'a onShow'],
    ],
  ]) {
    logic.log();
    await logic.after({ type: 'panel-closed', shows });
    assert.deepEqual(logic.log(), expected);
  }
});

test('title taps, scrolling and reaching the bottom are passed to the page', async () => {
  const logic = await startLogic(TWO_PAGES);
  const { page: id } = logic.front;
  logic.log();
  await logic.after({ type: 'title' });
  await logic.after({ type: 'scroll', page: id, name: 'onPageScroll', values: [{ scrollTop: 3, scrollHeight: 900 }] });
  await logic.after({ type: 'scroll', page: id, name: 'onReachBottom', values: [] });
  assert.deepEqual(logic.log(), ['a onTitleClick', 'a onPageScroll {"scrollTop":3,"scrollHeight":900}', 'a onReachBottom']);
});

test('an error of page code reaches onError with message and stack, and is reported; an error in onError is only reported', async () => {
  const logic = await startLogic({
    ...TWO_PAGES,
    'app.js': `App({
      onError(message, stack) { console.log(typeof message, message, /boom/.test(stack), this.globalData); throw new Error('again'); },
      globalData: 'this is the app',
    });`,
    'pages/a.js': 'Page({ onLoad() { throw new TypeError("boom"); }, text() { throw "plain"; } });',
  });
  assert.deepEqual(logic.log(), ['string boom true this is the app']);
  assert.deepEqual(logic.errors, ['TypeError: boom', 'Error: again']);
  await logic.act('text');
  assert.deepEqual(logic.log(), ['string plain false this is the app']);
});

test("an error in a component's code reaches its own onError, the app's, and the listeners of my.onComponentError", async () => {
  const logic = await startLogic({
    ...TWO_PAGES,
    'app.json': JSON.stringify({ pages: ['pages/a', 'pages/b'], usingComponents: { broken: '/broken' } }),
    'app.js': `const gone = () => console.log('gone');
      my.onComponentError(gone);
      my.offComponentError(gone);
      my.onComponentError(({ message }, method, { is }) => console.log('component', message, method, is));
      my.onLazyLoadError(gone, 3000);
      App({ onError(message) { console.log('app', message); } });`,
    'broken.json': '{ "component": true }',
    'broken.axml': '<view onTap="tapped" />',
    'broken.js': `Component({
      onError({ message }) { console.log('own', message); },
      didMount() { throw new Error('mount'); },
      methods: { tapped() { throw new Error('tap'); } },
    });`,
    'pages/a.js': 'Page({ text() { throw new Error("page"); } });',
  });
  const { page: id } = logic.front;
  const what = { given: {}, functions: {}, host: {}, place: { file: 'pages/a.axml', line: 1, column: 1 } };
  await logic.after({ type: 'component', page: id, does: 'create', component: 1, path: 'broken', what });
  logic.log();
  await logic.after({ type: 'component', page: id, does: 'mounted', component: 1 });
  await logic.after({ type: 'event', page: id, component: 1, method: 'tapped', event: {} });
  await logic.act('text');
  const told = (text, method) => [`own ${text}`, `app ${text}`, `component ${text} ${method} /broken`];
  assert.deepEqual(logic.log(), [...told('mount', 'didMount'), ...told('tap', 'tapped'), 'app page']);
});

test('App() must be called exactly once', async () => {
  const never = await startLogic({ ...TWO_PAGES, 'app.js': '' });
  assert.deepEqual(never.errors, ['Error: the file never calls App()']);
  const twice = await startLogic({ ...TWO_PAGES, 'app.js': 'App({}); App({});' });
  assert.match(twice.errors[0], /App\(\) is called twice/);
});

test('a start with a missing page: onPageNotFound may navigate elsewhere, otherwise the phone is told', async () => {
  const start = { page: 'pages/gone?x=1' };
  const bare = await startLogic(TWO_PAGES, { start });
  assert.deepEqual(
    bare.of('page-missing').map(({ path }) => path),
    ['pages/gone'],
  );
  const app = `App({ onPageNotFound(where) { console.log(where); my.redirectTo({ url: 'pages/b' }); } });`;
  const minded = await startLogic({ ...TWO_PAGES, 'app.js': app }, { start });
  assert.deepEqual(minded.log().slice(0, 2), ['{"path":"pages/gone","query":{"x":"1"},"isEntryPage":true}', 'b onLoad {}']);
  assert.deepEqual(minded.of('page-missing'), []);
});

test('hooks that are never called are reported by name', async () => {
  const logic = await startLogic({
    ...TWO_PAGES,
    'app.js': 'App({ onShareAppMessage() {} });',
    'pages/a.js': `Page({ onShareAppMessage() {}, onPullDownRefresh() {}, onOptionMenuClick() {},
      events: { onKeyboardHeight() {}, onResize() {}, onBakc() {} }, options: { observers: true, virtual: 1 } });`,
  });
  assert.deepEqual(logic.notices, [
    'the simulator never calls onOptionMenuClick of a page',
    'the simulator never calls events.onKeyboardHeight of a page',
    'the simulator never calls events.onResize of a page',
    'the platform knows no events.onBakc of a page, and never calls it',
    'the simulator does not act on options.virtual of a page',
  ]);
  assert.match(logic.of('notice')[1].stack, /worker\.js:\d+/, 'it leads to the call of Page()');
});

test("listeners of my get the app's events and network changes; off removes one or all", async () => {
  const logic = await startLogic({
    ...TWO_PAGES,
    'app.js': `const told = (name) => (value) => console.log(name, value);
      const once = told('once');
      my.onAppShow(once);
      my.offAppShow(once);
      my.onAppShow(told('show'));
      my.onAppHide(() => console.log('hide'));
      my.onError(told('error'));
      my.onMemoryWarning(told('memory'));
      my.onNetworkStatusChange(told('network'));
      App({ throws() {}, onHide() { throw new Error('own'); } });`,
  });
  logic.log();
  await logic.after({ type: 'background' });
  await logic.after({ type: 'foreground' });
  await logic.after({ type: 'phone-faults', faults: 'offline' });
  await logic.after({ type: 'phone-faults', faults: 'offline,throttled' });
  const told = logic.log().filter((line) => /^(once|show|hide|error|memory|network)/.test(line));
  assert.deepEqual(told, [
    'error own',
    'hide',
    'show {"path":"pages/a","scene":"0000"}',
    'network {"isConnected":false,"networkType":"NOTREACHABLE"}',
  ]);
});
