import assert from 'node:assert/strict';
import test from 'node:test';
import { startLogic } from './support/logic.mjs';

/** A page that logs its lifecycle and navigates where it is told. */
const PAGE = `
const say = (page, what) => console.log(page.route + ' ' + what);
Page({
  onLoad(query) { say(this, 'onLoad ' + JSON.stringify(query)); },
  onShow() { say(this, 'onShow'); },
  onHide() { say(this, 'onHide'); },
  onUnload() { say(this, 'onUnload'); },
  onTabItemTap(item) { say(this, 'onTabItemTap ' + JSON.stringify(item)); },
  events: {
    onBack() { say(this, 'onBack'); },
    beforeTabItemTap() { say(this, 'beforeTabItemTap'); },
    onSelectedTabItemTap(item) { say(this, 'onSelectedTabItemTap ' + JSON.stringify(item)); },
  },
  go({ call, options, router }) {
    (router ? this.router : my)[call](Object.assign({
      success: (answer) => console.log('success', Object.keys(answer).join()),
      fail: (error) => console.log('fail', JSON.stringify(error)),
    }, options));
  },
  stack() { console.log(getCurrentPages().map((page) => page.route).join(' ')); },
});`;

const APP = {
  'app.json': JSON.stringify({
    pages: ['pages/home/home', 'pages/mine/mine', 'pages/one', 'pages/sub/two'],
    tabBar: {
      items: [
        { name: '首页', pagePath: 'pages/home/home' },
        { name: '我的', pagePath: 'pages/mine/mine' },
      ],
    },
  }),
  'pages/home/home.js': PAGE,
  'pages/mine/mine.js': PAGE,
  'pages/one.js': PAGE,
  'pages/sub/two.js': PAGE,
};

async function start() {
  const logic = await startLogic(APP);
  logic.log();
  const go = async (call, options, router) => {
    await logic.act('go', { call, options, router });
    return logic.log();
  };
  return { logic, go };
}

test('addresses are relative to the root or the current page; those of a router to its own page', async () => {
  const { logic, go } = await start();
  assert.deepEqual((await go('navigateTo', { url: '/pages/one' }))[1], 'pages/one onLoad {}');
  assert.deepEqual((await go('navigateTo', { url: 'sub/two?a=1' }))[1], 'pages/sub/two onLoad {"a":"1"}');
  assert.deepEqual((await go('navigateTo', { url: '../one' }, true))[1], 'pages/one onLoad {}');
  await logic.act('stack');
  assert.deepEqual(logic.log(), ['pages/home/home pages/one pages/sub/two pages/one']);
});

test('impossible navigation fails as documented', async () => {
  const { go } = await start();
  const notFound = (url, path) => [`fail {"error":1,"errorMessage":"${url} resolved to ${path} is not found"}`];
  for (const call of ['navigateTo', 'redirectTo', 'reLaunch', 'switchTab']) {
    assert.deepEqual(await go(call, { url: '../gone?x=1' }), notFound('../gone?x=1', 'pages/gone'));
  }
  assert.deepEqual(await go('navigateTo', {}), notFound('undefined', 'pages/home'));
  assert.deepEqual(await go('switchTab', { url: '/pages/one' }), [
    'fail {"error":1,"errorMessage":"/pages/one resolved to pages/one is not tab,  which is not valid"}',
  ]);
  assert.deepEqual(await go('navigateBack', {}), ['fail {"error":"already top of navigation","errorMessage":"already top of navigation"}']);
});

test('the stack holds ten pages; going back stops at the first', async () => {
  const { logic, go } = await start();
  for (let depth = 2; depth <= 10; depth += 1) await go('navigateTo', { url: '/pages/one' });
  assert.match((await go('navigateTo', { url: '/pages/one' }))[0], /^fail .*allows 10 pages/);
  await go('navigateBack', { delta: 99 });
  await logic.act('stack');
  assert.deepEqual(logic.log(), ['pages/home/home']);
});

test('tab pages stay loaded; others are unloaded when a tab is shown', async () => {
  const { logic, go } = await start();
  assert.equal(logic.front.tabBar, true);
  assert.deepEqual(await go('switchTab', { url: '/pages/mine/mine' }), [
    'pages/home/home onHide',
    'pages/mine/mine onLoad {}',
    'pages/mine/mine onShow',
    'pages/mine/mine onTabItemTap {"from":"api","pagePath":"pages/mine/mine","text":"我的","index":1}',
    'success ',
  ]);
  await go('navigateTo', { url: '/pages/one' });
  assert.equal(logic.front.tabBar, false);
  await logic.after({ type: 'back' });
  await go('navigateTo', { url: '/pages/one' });
  assert.deepEqual(await go('switchTab', { url: '/pages/home/home' }), [
    'pages/one onUnload',
    'pages/home/home onTabItemTap {"from":"api","pagePath":"pages/home/home","text":"首页","index":0}',
    'pages/home/home onShow',
    'success ',
  ]);
  await logic.act('stack');
  assert.deepEqual(logic.log(), ['pages/home/home'], 'a loaded tab is not on the stack');
  assert.deepEqual(await go('reLaunch', { url: '/pages/one?a=1' }), [
    'pages/mine/mine onUnload',
    'pages/home/home onUnload',
    'pages/one onLoad {"a":"1"}',
    'pages/one onShow',
    'success ',
  ]);
});

test('a tap on the tab bar: before, after, and on the current tab', async () => {
  const { logic } = await start();
  await logic.after({ type: 'tab', index: 0 });
  assert.deepEqual(logic.log(), ['pages/home/home onSelectedTabItemTap {"pagePath":"pages/home/home","text":"首页","index":0}']);
  await logic.after({ type: 'tab', index: 1 });
  assert.deepEqual(logic.log(), [
    'pages/home/home beforeTabItemTap',
    'pages/home/home onHide',
    'pages/mine/mine onLoad {}',
    'pages/mine/mine onShow',
    'pages/mine/mine onTabItemTap {"from":"user","pagePath":"pages/mine/mine","text":"我的","index":1}',
  ]);
});

test('a tab page opened in another way has no tab bar, which is reported', async () => {
  const { logic, go } = await start();
  await go('navigateTo', { url: '/pages/mine/mine' });
  assert.equal(logic.front.tabBar, false);
  assert.match(logic.notices[0], /my\.navigateTo opens "pages\/mine\/mine" without the tab bar: use my\.switchTab/);
  await go('switchTab', { url: '/pages/mine/mine?x=1' });
  assert.equal(logic.front.tabBar, true);
  assert.match(logic.notices[1], /my\.switchTab takes no query/);
});

test('the back button in the title bar notifies the page first', async () => {
  const { logic, go } = await start();
  await go('navigateTo', { url: '/pages/one' });
  await logic.after({ type: 'back' });
  assert.deepEqual(logic.log(), ['pages/one onBack', 'pages/one onUnload', 'pages/home/home onShow']);
});

test("a closed page's router does nothing", async () => {
  const { logic, go } = await start();
  await go('navigateTo', { url: '/pages/one' });
  const { page } = logic.front;
  logic.tell({ type: 'event', page, method: 'go', event: { call: 'navigateBack' } });
  logic.tell({ type: 'event', page, method: 'go', event: { call: 'redirectTo', options: { url: 'sub/two' }, router: true } });
  await logic.settled();
  assert.deepEqual(logic.log(), ['pages/one onUnload', 'pages/home/home onShow', 'success ']);
});

test('behavior.decodeQuery "disable" leaves queries as written', async () => {
  const app = JSON.parse(APP['app.json']);
  const logic = await startLogic({ ...APP, 'app.json': JSON.stringify({ ...app, behavior: { decodeQuery: 'disable' } }) });
  logic.log();
  await logic.act('go', { call: 'navigateTo', options: { url: '/pages/one?a=%E4%B8%80&b=100%' } });
  assert.equal(logic.log()[1], 'pages/one onLoad {"a":"%E4%B8%80","b":"100%"}');
  const usual = await start();
  assert.equal((await usual.go('navigateTo', { url: '/pages/one?%61=%E4%B8%80&b=100%' }))[1], 'pages/one onLoad {"a":"一","b":"100%"}');
});

test('a page and its opener communicate through the event channel', async () => {
  const logic = await startLogic({
    'app.json': '{ "pages": ["pages/a", "pages/b"] }',
    'pages/a.js': `Page({
      open() {
        my.navigateTo({
          url: 'b',
          events: { greet(...values) { console.log('opener heard', ...values); } },
          success({ eventChannel }) {
            eventChannel.emit('hello', 1, { a: 2 });
            eventChannel.emit('hello', 3);
            eventChannel.off('greet');
          },
        });
      },
      onLoad() { console.log('opened by nobody:', String(this.getOpenerEventChannel())); },
    });`,
    'pages/b.js': `Page({
      onLoad() {
        const channel = this.getOpenerEventChannel();
        const never = () => console.log('never');
        channel.on('hello', never);
        channel.off('hello', never);
        channel.on('hello', (...values) => console.log('opened heard', ...values));
        channel.once('hello', () => console.log('once'));
        channel.emit('greet', '你好', 2);
      },
      greet() { this.getOpenerEventChannel().emit('greet'); console.log('greeted'); },
    });`,
  });
  assert.deepEqual(logic.log(), ['opened by nobody: undefined']);
  await logic.act('open');
  assert.deepEqual(logic.log(), ['opener heard 你好 2', 'opened heard 1 {"a":2}', 'once', 'opened heard 3']);
  await logic.act('greet');
  assert.deepEqual(logic.log(), ['greeted'], 'the opener stopped listening');
  assert.deepEqual(logic.errors, []);
});

test('a failed call with callbacks and an unhandled promise is a hint; without callbacks it is an error', async () => {
  const logic = await startLogic({
    'app.json': '{ "pages": ["pages/a"] }',
    'pages/a.js': 'Page({ withCallback() { my.navigateBack({ success() {} }); }, without() { my.navigateBack(); } });',
  });
  await logic.act('withCallback');
  assert.deepEqual(logic.errors, []);
  assert.match(logic.notices.join(), /my\.navigateBack was called with callbacks and failed/);
  await logic.act('without');
  assert.match(logic.errors.join(), /my\.navigateBack failed, and its promise was not handled/);
});
