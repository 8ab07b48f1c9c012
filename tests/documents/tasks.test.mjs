/** The tasks of the package's readme: their code, extracted from it, in bare engines with the real server and the sandbox. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PAGE_ENGINES } from '../bare/support/engine.mjs';
import { ORIGIN } from '../bare/support/platform.mjs';
import { world } from '../bare/support/world.mjs';
import { findBinary } from '../support/binary.mjs';
import { run } from '../support/program.mjs';
import { BareApp } from './bare-app.mjs';
import { blocks, documentText, namedFiles, section, writeApp } from './pasted.mjs';
import { Shop } from './shop.mjs';

const { visit, packed, stack } = world();

describe('the tasks of the package', () => {
  let files;
  let folder;
  let shop;
  before(async () => {
    files = namedFiles(await documentText('pkg/README.md'));
    folder = await mkdtemp(path.join(tmpdir(), 'miniauth-tasks-'));
    await writeApp(files, folder, packed().folder);
    shop = await Shop.start();
    shop.server = stack().urls.server;
  });
  after(async () => {
    await shop?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A fresh user opens the app. */
  async function opened(engine) {
    const { platform, user } = await visit(engine);
    platform.origins = { [ORIGIN]: shop.url };
    const app = new BareApp(engine, packed().folder, folder, files, platform);
    return { app, platform, user, token: () => [...platform.texts.values()].join().match(/[\w-]{43}/)?.[0] };
  }

  /** @param {string} name @param {(phone: Awaited<ReturnType<typeof opened>>) => Promise<void>} play */
  function task(name, play) {
    for (const engine of PAGE_ENGINES) test(`V8 (${engine}): ${name}`, async () => play(await opened(engine)));
  }

  const ADVICE = /^[\u4e00-\u9fff].*。$/u;

  test('both languages have the same tasks and the same code', async () => {
    const here = section(await documentText('pkg/README.md'), 'Tasks');
    const there = section(await documentText('pkg/README.zh-CN.md'), '常见任务');
    assert.deepEqual(blocks(there), blocks(here));
    const titles = (document) => document.match(/^### /gm).length;
    assert.equal(titles(there), titles(here));
  });

  test('the checker finds nothing in the tasks', async () => {
    const { code, stdout } = await run([findBinary(), 'check', folder, '--lang', 'en']);
    assert.equal(code, 0, stdout);
  });

  task('log in when the app starts: silently', async ({ app, platform, token }) => {
    await app.launch();
    assert.equal(platform.panels, 0);
    const { status } = await fetch(`${shop.server}/session`, { headers: { authorization: `Bearer ${token()}` } });
    assert.equal(status, 200);
  });

  task('log in when the app starts: what fails there is tried again by the first request', async ({ app, platform }) => {
    await platform.control('fault', 'PUT', { kind: 'wrong_signature', times: 1 });
    await app.launch();
    assert.equal(platform.texts.size, 0, 'nobody is logged in');
    const list = app.open('pages/orders/orders');
    await list.life('onLoad');
    assert.deepEqual([list.data.advice, list.data.orders.length, platform.texts.size], ['', 0, 1]);
  });

  for (const place of ['pages/me/me', 'components/user-card/user-card']) {
    task(`${place}: agreed, nickname and avatar are shown`, async ({ app, platform, user }) => {
      const view = app.open(place);
      await view.press('显示昵称与头像');
      assert.deepEqual({ ...view.data.user }, { nickName: user.nick_name, avatar: user.avatar });
      assert.deepEqual([view.data.advice, platform.panels, platform.requests.length], ['', 1, 0]);
    });

    task(`${place}: refused, there is advice, and the button works again`, async ({ app, platform, user }) => {
      const view = app.open(place);
      platform.decision = 'refuse';
      await view.press('显示昵称与头像');
      assert.match(view.data.advice, ADVICE);
      assert.equal(view.data.user, null);
      platform.decision = 'accept';
      await view.press('显示昵称与头像');
      assert.equal(view.data.user.nickName, user.nick_name);
      assert.equal(platform.panels, 2);
    });
  }

  task('become a member: the server has read it, and stores it', async ({ app, platform, user, token }) => {
    const me = app.open('pages/me/me');
    await me.life('onReady');
    await me.press('成为会员');
    assert.equal(me.data.member.nickName, user.nick_name);
    assert.equal(platform.panels, 1);
    const stored = await fetch(`${shop.server}/member`, { headers: { authorization: `Bearer ${token()}` } });
    assert.equal((await stored.json()).nick_name, user.nick_name);
  });

  task(
    'become a member: refused or closed, there is advice and no member, and the next tap asks again',
    async ({ app, platform, user }) => {
      const me = app.open('pages/me/me');
      for (const decision of ['refuse', 'close']) {
        platform.decision = decision;
        await me.press('成为会员');
        assert.match(me.data.advice, ADVICE);
        assert.equal(me.data.member, null);
      }
      platform.decision = 'accept';
      await me.press('成为会员');
      assert.equal(me.data.member.nickName, user.nick_name);
    },
  );

  task('the phone number: masked on the page, stored by the server', async ({ app, platform, token }) => {
    const me = app.open('pages/me/me');
    await me.press('授权手机号');
    assert.match(me.data.phone, /^\d{3}\*{4}\d{4}$/);
    assert.deepEqual([me.data.advice, platform.panels], ['', 1]);
    const stored = await fetch(`${shop.server}/session`, { headers: { authorization: `Bearer ${token()}` } });
    assert.equal((await stored.json()).phone.phone_number, me.data.phone);
  });

  task('the phone number: refused, or not set up, there is advice, and the next press works', async ({ app, platform }) => {
    const me = app.open('pages/me/me');
    platform.decision = 'refuse';
    await me.press('授权手机号');
    assert.match(me.data.advice, ADVICE);
    assert.equal(platform.requests.length, 0);
    platform.decision = 'accept';
    platform.faults.set('phone-wrong-key');
    await me.press('授权手机号');
    assert.match(me.data.advice, /无法解密/);
    assert.equal(me.data.phone, '');
    platform.faults.set('');
    await me.press('授权手机号');
    assert.match(me.data.phone, /^\d{3}\*{4}\d{4}$/);
  });

  task('a list: it is loading, then there; an order is placed; an ended session is renewed', async ({ app, platform, token }) => {
    const list = app.open('pages/orders/orders');
    const loaded = list.life('onLoad');
    assert.equal(list.data.loading, true);
    await loaded;
    assert.deepEqual([list.data.loading, list.data.orders.length], [false, 0]);
    const first = token();
    await fetch(`${shop.server}/auth`, { method: 'DELETE', headers: { authorization: `Bearer ${first}` } });
    await list.press('下单');
    assert.deepEqual(
      list.data.orders.map(({ number, id }) => [number, id]),
      [[1, 'tea']],
    );
    assert.deepEqual([list.data.advice, platform.panels], ['', 0]);
    assert.notEqual(token(), first);
  });

  task('a list: what fails has advice, and can be tried again', async ({ app, platform }) => {
    const list = app.open('pages/orders/orders');
    shop.instead = [{ status: 503, text: '{}' }];
    await list.life('onLoad');
    assert.match(list.data.advice, ADVICE);
    platform.origins = { [ORIGIN]: 'http://127.0.0.1:9' };
    await list.press('下单');
    assert.match(list.data.advice, ADVICE);
    platform.origins = { [ORIGIN]: shop.url };
    await list.press('重试');
    assert.deepEqual([list.data.advice, list.data.loading], ['', false]);
  });

  task('a list: the page is left while it loads, and is not written to any more', async ({ app }) => {
    const list = app.open('pages/orders/orders');
    const loaded = list.life('onLoad');
    list.life('onUnload');
    await loaded;
    assert.equal(list.states.length, 1);
    assert.equal(list.data.advice, '');
  });

  /** Waits for something that the platform or the server does soon. */
  const until = async (holds) => {
    for (let looks = 0; !holds() && looks < 2000; looks += 1) await new Promise((resolve) => void setTimeout(resolve, 2));
    assert.ok(holds(), String(holds));
  };

  /** Ends the phone's session on the server. */
  const end = (session) => fetch(`${shop.server}/auth`, { method: 'DELETE', headers: { authorization: `Bearer ${session}` } });

  task('upload a file: chosen and sent, with a session that is renewed; what fails has advice', async ({ app, platform, token }) => {
    await app.launch();
    const first = token();
    await end(first);
    const page = app.open('pages/photo/photo');
    await page.press('选一张照片');
    await until(() => page.data.stored !== '');
    assert.deepEqual([page.data.stored, page.data.percent, page.data.advice], ['photo-1', 100, '']);
    assert.notEqual(token(), first);
    platform.origins = { [ORIGIN]: 'http://127.0.0.1:9' };
    await page.press('选一张照片');
    await until(() => page.data.advice !== '');
    assert.match(page.data.advice, ADVICE);
  });

  task('a WebSocket: it opens with a session that is renewed, says what comes, and is opened again', async ({ app, token }) => {
    await app.launch();
    const first = token();
    await end(first);
    const page = app.open('pages/chat/chat');
    await page.life('onLoad');
    await page.press('打招呼');
    await until(() => page.data.messages.length === 2);
    assert.deepEqual([...page.data.messages], ['欢迎', '你说：你好']);
    assert.notEqual(token(), first);
    for (const socket of shop.chat.clients) socket.close();
    await until(() => page.data.advice !== '');
    assert.equal(page.data.advice, '连接已断开');
    await page.press('打招呼');
    assert.match(page.data.advice, ADVICE);
    await page.press('重新连接');
    await until(() => page.data.messages.length === 3);
    page.life('onUnload');
  });

  task('log out: here and on the server', async ({ app, platform, token }) => {
    const me = app.open('pages/me/me');
    await me.press('成为会员');
    const session = token();
    await me.press('退出登录');
    assert.deepEqual([me.data.member, me.data.user, platform.texts.size], [null, null, 0]);
    const { status } = await fetch(`${shop.server}/session`, { headers: { authorization: `Bearer ${session}` } });
    assert.equal(status, 401);
  });

  task('log out: without a network the phone forgets the session all the same', async ({ app, platform }) => {
    const me = app.open('pages/me/me');
    await me.press('成为会员');
    platform.origins = { [ORIGIN]: 'http://127.0.0.1:9' };
    await me.press('退出登录');
    assert.deepEqual([me.data.member, platform.texts.size], [null, 0]);
  });

  task('in a store: all pages that subscribe see the same, until they are left', async ({ app, platform, user }) => {
    const home = app.open('pages/home/home');
    const other = [];
    const stop = app.require('store').subscribe((state) => other.push(state));
    home.life('onLoad');
    platform.decision = 'refuse';
    await home.press('显示昵称与头像');
    assert.match(home.data.advice, ADVICE);
    assert.equal(other.length, 1, 'nothing has changed');
    platform.decision = 'accept';
    await home.press('显示昵称与头像');
    stop();
    await home.press('成为会员');
    assert.deepEqual([home.data.user.nickName, home.data.member.nickName], [user.nick_name, user.nick_name]);
    await home.press('授权手机号');
    assert.match(home.data.phone.phoneNumber, /^\d{3}\*{4}\d{4}$/);
    assert.deepEqual(
      other.map((state) => [state.user?.nickName, state.member]),
      [
        [undefined, null],
        [user.nick_name, null],
      ],
    );
    home.life('onUnload');
    const written = home.states.length;
    await app.require('store').show(await platform.authorise());
    assert.equal(home.states.length, written);
    assert.equal(platform.requests.filter(({ data }) => JSON.stringify(data ?? '').includes(user.nick_name)).length, 0);
  });

  test('test a page: the test runs and passes', async () => {
    const { code, stdout } = await run([process.execPath, '--test', '--test-reporter=tap', 'test/me.test.js'], { cwd: folder });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^# pass 1$/m);
  });
});
