import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bareEngine } from '../../bare/support/engine.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { CASES } from './clients.mjs';
import { NICKNAME, SERVER, event, platform } from './support/platform.mjs';

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

test('two clients on one my: a call that a client reports as covered refuses what that client knows; own requests pass', async () => {
  for (const { name, entries, steps } of CASES) {
    const engine = bareEngine(entries[0] === 'worker.js' ? 'Worker' : 'iOS', packed.folder);
    const my = platform();
    const clients = entries.map((entry) => engine.require(`dist/${entry}`).createAuth({ my, server: SERVER, ...engine.options }));
    const covers = new Set();
    const knows = new Set();
    for (const step of steps) {
      const [act, index] = step.split(':');
      if (act === 'learn') {
        await clients[index].getAuthUserInfo(event('getAuthorize'), { purpose: '展示' });
        knows.add(entries[index]);
      } else if ((await clients[index].guard()).covered.includes('setStorage')) {
        covers.add(entries[index]);
      }
    }
    assert.ok(covers.size > 0, name);
    const stored = await new Promise(
      (resolve) => void my.setStorage({ key: 'k', data: { by: NICKNAME }, success: () => resolve(true), fail: () => resolve(false) }),
    );
    // A guard that was installed before the other copy asked the platform also knows the nickname.
    if ([...covers].some((entry) => knows.has(entry))) assert.equal(stored, false, name);
    for (const auth of clients) {
      await auth.login();
      assert.equal((await auth.httpRequest({ url: `${SERVER}/orders` })).status, 200, name);
    }
    await new Promise((success, fail) => void my.setStorage({ key: 'k', data: 'tea', success, fail }));
  }
});
