import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { bareEngine } from './support/engine.mjs';
import { ORIGIN, Platform } from './support/platform.mjs';
import { world } from './support/world.mjs';

const { visit, packed } = world();
const purpose = '在本页展示您的昵称与头像';
const OTHER = 'https://other.example/';

/** Reads the values through the documented way out. */
function values(info) {
  let shown;
  info.renderTo((given) => {
    shown = given;
  });
  return shown;
}

test('guard(): a call that answers by callback waits for the check, one that answers at once is named', async () => {
  const { auth, platform } = await visit('Worker');
  const { my } = platform;
  const stored = [];
  const analytics = [];
  my.setStorageSync = (options) => stored.push(options);
  my.reportAnalytics = (...passed) => analytics.push(passed);
  const report = await auth.guard();
  assert.deepEqual([...report.covered].sort(), [
    'FileSystemManager.appendFile',
    'FileSystemManager.writeFile',
    'SocketTask.close',
    'SocketTask.send',
    'WebViewContext.postMessage',
    'closeSocket',
    'connectSocket',
    'httpRequest',
    'navigateBackMiniProgram',
    'navigateToMiniProgram',
    'reportAnalytics',
    'request',
    'sendSocketMessage',
    'setClipboard',
    'setStorage',
    'uploadFile',
  ]);
  const uncovered = [...report.uncovered];
  assert.deepEqual(uncovered.map(({ name }) => name).sort(), [
    'FileSystemManager.appendFileSync',
    'FileSystemManager.writeFileSync',
    'Page.onShareAppMessage',
    'downloadFile',
    'setStorageSync',
  ]);
  assert.match(uncovered.find(({ name }) => name === 'setStorageSync').reason, /is synchronous and cannot wait/);

  const { nickName } = values(await auth.getAuthUserInfo(await platform.authorise(), { purpose }));
  const before = platform.requests.length;
  const told = [];
  const refused = await new Promise((resolve) => {
    const complete = (failure) => told.push(failure.code);
    my.request({ url: `${ORIGIN}/save`, data: { nickName }, success: resolve, fail: resolve, complete });
  });
  assert.deepEqual([refused.code, refused.where], ['display_only_forwarded', 'request.data.nickName']);
  assert.deepEqual(told, ['display_only_forwarded']);
  assert.equal(platform.requests.length, before, 'nothing was sent');
  my.setStorageSync({ key: 'user', data: { nickName } });
  assert.equal(stored.length, 1, 'what is named as uncovered is not covered');
  my.reportAnalytics('view', { page: 'index' });
  assert.equal((await auth.httpRequest({ url: `${ORIGIN}/session` })).status, 200, 'our own requests pass');
  assert.deepEqual(
    analytics.map(([name, { page }]) => [name, page]),
    [['view', 'index']],
  );
});

test("guard({ whenUnsure: 'refuse' }): what cannot be checked is refused as soon as display information is known", async () => {
  const { auth, platform } = await visit('Worker');
  const { my } = platform;
  const stored = [];
  my.setStorageSync = (options) => stored.push(options.key);
  await assert.rejects(auth.guard({ whenUnsure: 'maybe' }), { code: 'options_invalid' });
  const report = await auth.guard({ whenUnsure: 'refuse' });
  assert.ok(report.covered.includes('setStorageSync'));
  my.setStorageSync({ key: 'cart', data: [1] });
  await auth.getAuthUserInfo(await platform.authorise(), { purpose });
  assert.throws(
    () => my.setStorageSync({ key: 'cart', data: [2] }),
    (error) => {
      assert.equal(error.code, 'display_only_unchecked');
      assert.match(error.advice.en, /my\.setStorage\./);
      return true;
    },
  );
  assert.deepEqual(stored, ['cart']);
  await auth.login();
  assert.equal(stored.length, 2, 'our own session is still stored');
});

test("what a guarded call returns passes on to the platform's own task", async () => {
  const { auth, platform } = await visit('Worker');
  const { my } = platform;
  let aborted = 0;
  my.request = ({ success }) => {
    setTimeout(success, 5, { status: 200, data: '', headers: {} });
    return {
      abort: () => {
        aborted += 1;
      },
    };
  };
  await auth.guard();
  await new Promise((success) => {
    my.request({ url: OTHER, success }).abort();
  });
  assert.equal(aborted, 1);
});

test('display information is in no property of what the page holds', async () => {
  const { auth, platform, user } = await visit('Worker');
  const info = await auth.getAuthUserInfo(await platform.authorise(), { purpose });
  assert.ok(!inspect(info, { showHidden: true, depth: 9 }).includes(user.nick_name.slice(0, 4)));
  assert.deepEqual(Object.getOwnPropertyNames(info), []);
  assert.equal(`${info}`, '[miniauth: display only]');
  assert.throws(() => info.renderTo({}, 'user'), { code: 'options_invalid' });
  assert.equal(values(info).nickName, user.nick_name);
});

test('two clients share one Worker, each with its own session', async () => {
  const { auth, engine, platform } = await visit('Worker');
  const other = new Platform(platform.urls, platform.user, 'current');
  const second = engine.require().createAuth({ my: other.my, server: ORIGIN, ...engine.options });
  await Promise.all([auth.login(), second.login()]);
  assert.equal(engine.instantiations.length, 1);
  assert.equal(platform.count('getAuthCode'), 1);
  assert.equal(other.count('getAuthCode'), 1);
});

test('a missing module is reported, and the next call tries again', async () => {
  const engine = bareEngine('Worker', packed().folder);
  const { createAuth } = engine.require();
  const { my } = new Platform({}, '', 'current');
  const auth = createAuth({ my, server: ORIGIN, ...engine.options, wasm: '/workers/elsewhere.wasm' });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(auth.consents(), (error) => error.code === 'start_failed' && /ENOENT/.test(error.cause.message));
  }
  const found = createAuth({ my, server: ORIGIN, ...engine.options });
  assert.deepEqual([...(await found.consents())], []);
});

test("the Worker and the module's path are checked at once", () => {
  const { createAuth } = bareEngine('Worker', packed().folder).require();
  const { my } = new Platform({}, '', 'current');
  const worker = { postMessage() {}, onMessage() {} };
  assert.throws(() => createAuth({ my, server: ORIGIN }), { code: 'options_invalid', message: /my\.createWorker/ });
  assert.throws(() => createAuth({ my, server: ORIGIN, worker, wasm: 'workers/miniauth.wasm' }), {
    code: 'options_invalid',
    message: /absolute path/,
  });
});

test("a page's own isExpired is asked on the page, and what it throws reaches the caller", async () => {
  const { auth, platform } = await visit('Worker');
  await auth.login();
  const seen = [];
  const isExpired = (response) => {
    seen.push(response.status);
    throw new TypeError('no such field');
  };
  await assert.rejects(auth.httpRequest({ url: `${ORIGIN}/session`, isExpired }), { name: 'TypeError', message: 'no such field' });
  assert.deepEqual(seen, [200]);
  assert.equal(platform.count('getAuthCode'), 1);
});
