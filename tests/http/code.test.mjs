import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldingGateway, assertProblem, postAuth, settings, startBoth, startServer, withSession } from './support.mjs';

const LOGIN_ID = 'attempt-0123456789';

test('the same code with the same login_id gets the same session again', async (t) => {
  const { server, control } = await startBoth(t);
  const body = { authcode: await control.authCode('zhang-wei', 'auth_user'), scope: 'auth_user', login_id: LOGIN_ID };
  const first = await postAuth(server, body);
  const again = await postAuth(server, body);
  assert.equal(again.status, 200);
  assert.equal(again.body.session, first.body.session);
  assert.deepEqual(again.body.member, first.body.member);
  assert.equal((await control.calls()).length, 2);
});

test('any other second post gets code_used and no session', async (t) => {
  const { server, control } = await startBoth(t);
  const authcode = await control.authCode('zhang-wei');
  assert.equal((await postAuth(server, { authcode, login_id: LOGIN_ID })).status, 200);
  for (const other of [{ authcode }, { authcode, login_id: 'another-attempt-0' }]) {
    const used = await postAuth(server, other);
    assertProblem(used, 409, 'code_used');
    assert.equal(used.body.reauthorize, true);
    assert.ok(!('session' in used.body));
  }
});

test('after logout the same post gets code_used', async (t) => {
  const { server, control } = await startBoth(t);
  const body = { authcode: await control.authCode('zhang-wei'), login_id: LOGIN_ID };
  const { session } = (await postAuth(server, body)).body;
  assert.equal((await withSession(server, session, '/auth', '--request', 'DELETE')).status, 204);
  assertProblem(await postAuth(server, body), 409, 'code_used');
});

test('an expired code and one that never was are invalid', async (t) => {
  const { server, control } = await startBoth(t);
  const authcode = await control.authCode('zhang-wei', 'auth_base', { lifetime_seconds: 1 });
  await sleep(1_200);
  const expired = await postAuth(server, { authcode });
  assertProblem(expired, 422, 'code_invalid');
  assert.equal(expired.body.reauthorize, true);
  assertProblem(await postAuth(server, { authcode: 'never-was' }), 422, 'code_invalid');
});

test('concurrent posts of one code make one exchange', async (t) => {
  const { server, control } = await startBoth(t);
  await control.fault('delay', { delay_ms: 400 });
  const body = { authcode: await control.authCode('zhang-wei'), login_id: LOGIN_ID };
  const answers = await Promise.all(Array.from({ length: 6 }, () => postAuth(server, body)));
  const sessions = new Set(answers.map((answer) => answer.body.session));
  assert.deepEqual([sessions.size, sessions.has(undefined)], [1, false]);
  assert.equal((await control.calls()).length, 1);
});

test('a restart keeps sessions, and the same post still gets the same session', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  const body = { authcode: await control.authCode('zhang-wei', 'auth_user'), scope: 'auth_user', login_id: LOGIN_ID };
  const { session, member } = (await postAuth(server, body)).body;
  assert.equal(await server.stop(), 0);

  const restarted = await startServer(t, folder, settings(folder, sandbox));
  assert.deepEqual((await withSession(restarted, session, '/member')).body, member);
  assert.equal((await postAuth(restarted, body)).body.session, session);
  assert.equal((await control.calls()).length, 2);
});

test('kill -9 after an answer loses nothing', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  const { session } = (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).body;
  await server.kill();
  const restarted = await startServer(t, folder, settings(folder, sandbox));
  assert.equal((await withSession(restarted, session, '/session')).status, 200);
});

test('kill -9 between claim and answer: the outcome is unknown, and the code is never exchanged', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  assert.equal(await server.stop(), 0);
  // Once the gateway is called, the claim has been written.
  const gateway = await HoldingGateway.start(t, sandbox);
  const waiting = await startServer(t, folder, { ...settings(folder, sandbox), MINIAUTH_GATEWAY: gateway.url });
  const body = { authcode: await control.authCode('zhang-wei'), login_id: LOGIN_ID };
  const lost = assert.rejects(postAuth(waiting, body), 'the connection breaks');
  await gateway.called();
  await waiting.kill();
  await lost;

  const restarted = await startServer(t, folder, settings(folder, sandbox));
  for (const post of [body, { authcode: body.authcode }]) {
    const unknown = await postAuth(restarted, post);
    assertProblem(unknown, 409, 'code_outcome_unknown');
    assert.equal(unknown.body.reauthorize, true);
  }
  assert.deepEqual(await control.calls(), [], 'the real gateway never saw the code');
  assert.equal((await postAuth(restarted, { authcode: await control.authCode('zhang-wei') })).status, 200);
});
