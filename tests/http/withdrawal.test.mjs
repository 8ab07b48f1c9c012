// The platform's withdrawal message, from the sandbox that sends it to the server that receives it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freeAddress } from '../support/ports.mjs';
import { assertProblem, postAuth, settings, startBoth, startServer, withSession } from './support.mjs';

/** Logs in a user who agreed, at a server that gets the sandbox's messages. */
async function login(t, user, { profile = '', listen = '127.0.0.1:0' } = {}) {
  const stack = await startBoth(t, { MINIAUTH_LISTEN: listen });
  const { server, control } = stack;
  await control.profile(profile);
  await control.messageAddress(`${server.url}/platform-messages`);
  const answer = await postAuth(server, { authcode: await control.authCode(user, 'auth_user'), scope: 'auth_user' });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { ...stack, session: answer.body.session };
}

/** Waits until the only message is in that state and was sent that often, and returns it. */
async function message(control, state, deliveries) {
  for (let tries = 0; tries < 200; tries += 1) {
    const [told] = await control.messages();
    if (told?.state === state && told.deliveries.length === deliveries) return told;
    await setTimeout(25);
  }
  throw new Error(`never so: ${JSON.stringify(await control.messages())}`);
}

for (const sign of ['with', 'without']) {
  for (const charset of ['utf-8', 'gbk']) {
    for (const ids of ['user_id', 'both', 'open_id']) {
      const profile = `ids:both,message-sign:${sign},message-charset:${charset},message-ids:${ids}`;
      test(`a withdrawal ends session and member before it is answered (${profile})`, async (t) => {
        const { server, control, session } = await login(t, 'zhang-wei', { profile });
        await control.withdraw('zhang-wei');
        const told = await message(control, 'delivered', 1);
        assert.deepEqual([told.deliveries[0].status, told.deliveries[0].answer], [200, 'success']);
        assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');
      });
    }
  }
}

test('a server that was down gets the message when the platform repeats it', async (t) => {
  const listen = await freeAddress();
  const { folder, sandbox, server, control, session } = await login(t, 'li-na', { listen });
  await server.stop();
  await control.withdraw('li-na');
  await message(control, 'waiting', 1);
  const again = await startServer(t, folder, { ...settings(folder, sandbox), MINIAUTH_LISTEN: listen });
  assert.equal((await withSession(again, session, '/member')).status, 200, 'nobody has told it');
  await control.passTime(2 * 60);
  await message(control, 'delivered', 2);
  assertProblem(await withSession(again, session, '/session'), 401, 'session_unknown');
});

test('a message that comes late or twice ends nothing that was agreed to since', async (t) => {
  const { server, control, session } = await login(t, 'li-na');
  const method = 'alipay.open.auth.userauth.cancelled';
  await control.fault('delay', { method, delay_ms: 3_600_000, times: 1 });
  await control.withdraw('li-na');
  await message(control, 'waiting', 0);
  // The platform gives times in whole seconds.
  await setTimeout(1_100);
  const back = await postAuth(server, { authcode: await control.authCode('li-na', 'auth_user'), scope: 'auth_user' });
  assert.equal((await withSession(server, session, '/member')).status, 200, 'before');
  await control.passTime(3_600);
  await message(control, 'delivered', 1);
  assert.equal((await withSession(server, back.body.session, '/member')).status, 200);
  assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');
});

test('the console accepts the address', async (t) => {
  const { control } = await login(t, 'li-na');
  await control.checkAddress();
  const told = await message(control, 'delivered', 1);
  assert.match(told.deliveries[0].answer, /<success>true<\/success>/);
});
