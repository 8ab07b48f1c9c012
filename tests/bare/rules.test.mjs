import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_ENGINES } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { world } from './support/world.mjs';

const { visit } = world();
const purpose = '在本页展示您的昵称与头像';

/** Reads the values through the documented way out. */
function values(info) {
  let shown;
  info.renderTo((given) => {
    shown = given;
  });
  return shown;
}

for (const profile of PAGE_ENGINES) {
  test(`${profile}: guard() stands in front of the platform's own calls, and says what it could not cover`, async () => {
    const { auth, platform } = await visit(profile);
    const { my } = platform;
    const stored = [];
    my.setStorageSync = (options) => stored.push(options);
    Object.defineProperty(my, 'uploadFile', { value: () => {}, writable: false });
    const report = await auth.guard();
    assert.deepEqual([...report.covered].sort(), [
      'FileSystemManager.appendFile',
      'FileSystemManager.appendFileSync',
      'FileSystemManager.writeFile',
      'FileSystemManager.writeFileSync',
      'SocketTask.close',
      'SocketTask.send',
      'WebViewContext.postMessage',
      'closeSocket',
      'connectSocket',
      'httpRequest',
      'navigateBackMiniProgram',
      'navigateToMiniProgram',
      'request',
      'sendSocketMessage',
      'setClipboard',
      'setStorage',
      'setStorageSync',
    ]);
    assert.equal(report.uncovered[0].name, 'uploadFile');
    const { nickName } = values(await auth.getAuthUserInfo(await platform.authorise(), { purpose }));
    const before = platform.requests.length;
    const refused = await new Promise((resolve) => {
      my.request({ url: `${ORIGIN}/save`, data: { nickName }, success: resolve, fail: resolve });
    });
    assert.equal(refused.code, 'display_only_forwarded');
    assert.equal(refused.where, 'request.data.nickName');
    assert.throws(() => my.setStorageSync({ key: 'user', data: { nickName } }), { code: 'display_only_forwarded' });
    assert.deepEqual(stored, []);
    assert.equal(platform.requests.length, before);
    my.setStorageSync({ key: 'cart', data: [1] });
    assert.equal(stored.length, 1);
    assert.equal((await auth.httpRequest({ url: `${ORIGIN}/session` })).status, 200, 'our own requests pass');
  });
}
