// kill -9 while the server processes a withdrawal: the message that the platform sends again finishes the work.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, settings, startSandbox, startServer } from '../http/support.mjs';
import { MessageProxy } from '../support/message-proxy.mjs';
import { postgresStore, sqliteStore } from '../support/stores.mjs';
import { numbers } from './support/random.mjs';
import { post, session } from './support/wire.mjs';

const ROUNDS = process.env.MINIAUTH_LONG ? 100 : 12;

const STORES = { sqlite: sqliteStore, postgres: postgresStore, 'postgres with redis': (t) => postgresStore(t, { withRedis: true }) };

for (const [name, open] of Object.entries(STORES)) {
  test(`kill -9 while a withdrawal is followed, ${ROUNDS} times (${name})`, async (t) => {
    const random = numbers(t);
    const { folder, env: store, query } = await open(t);
    const sandbox = await startSandbox(t, folder);
    const control = new Control(sandbox.url);
    const env = { ...settings(folder, sandbox), ...store };
    const seen = { answered: 0, 'followed, not answered': 0, 'not followed': 0 };
    // The first kill comes at once. Each kill that comes too late halves the wait for the next, so fast and slow machines both work.
    let latestKill = 0;
    const proxy = await MessageProxy.start(t);
    proxy.open = false;
    await control.messageAddress(proxy.url);

    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await startServer(t, folder, env);
      const [user, other] = [await control.newUser(), await control.newUser()];
      const logIn = async ({ id }) => post(server, { authcode: await control.authCode(id, 'auth_user'), scope: 'auth_user' });
      const [first, second, bystander] = [await logIn(user), await logIn(user), await logIn(other)];
      assert.deepEqual(
        [first, second, bystander].map(({ status }) => status),
        [200, 200, 200],
      );
      await control.withdraw(user.id);
      while (proxy.forms.length <= round) await wait(10);

      const answering = proxy.post(proxy.forms[round], server).catch(() => undefined);
      await wait(random() * latestKill);
      await server.kill();
      const answer = await answering;
      const rows = (table) => Number(query(`SELECT count(*) FROM ${table}`));
      const left = ['members', 'grants'].map((table) => rows(table) - (round + 1));
      assert.ok(left[0] === left[1], 'all or nothing');
      const followed = left[0] === 0;
      if (answer) assert.deepEqual([answer, followed], [{ status: 200, text: 'success' }, true]);
      seen[answer ? 'answered' : followed ? 'followed, not answered' : 'not followed'] += 1;

      const again = await startServer(t, folder, env);
      if (answer) {
        latestKill /= 2;
      } else {
        const begun = performance.now();
        assert.deepEqual(await proxy.post(proxy.forms[round], again), { status: 200, text: 'success' });
        latestKill = performance.now() - begun;
      }
      for (const { body } of [first, second]) assert.equal((await session(again, body.session)).status, 401, 'its sessions have ended');
      const { status, body } = await session(again, bystander.body.session);
      assert.deepEqual([status, body.subject], [200, bystander.body.subject], 'and nobody else’s');
      assert.deepEqual(['subjects', 'members', 'grants'].map(rows), [2 * (round + 1), round + 1, round + 1]);
      await again.kill();
    }
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.answered < ROUNDS - 1, 'kills came in the middle, and not the first alone');
  });
}
