import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, curl, postAuth, startBoth, storedBytes, withSession } from './support.mjs';

test('the id that a client is told finds its line in the log, where the user is a mark', async (t) => {
  const { server, control } = await startBoth(t, { MINIAUTH_LOG_FORMAT: 'json' });
  const { session } = (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).body;
  const answer = await withSession(server, session, '/session');
  const id = answer.headers['x-request-id'];
  assert.match(id, /^[0-9a-f]{32}$/);
  const line = JSON.parse(server.log.split('\n').find((text) => text.includes(id)));
  assert.deepEqual([line.route, line.status, line.span.request_id], ['/session', 200, id]);
  assert.match(line.span.user, /^[0-9a-f]{16}$/);
});

test('readiness and counters', async (t) => {
  const { server, control } = await startBoth(t);
  await postAuth(server, { authcode: await control.authCode('zhang-wei') });
  assert.deepEqual((await curl(`${server.url}/readyz`)).body, { status: 'ready' });
  const { headers, body } = await curl(`${server.url}/metrics`);
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^miniauth_logins_total\{outcome="ok"\} 1$/m);
});

test('an erased member is in no file', async (t) => {
  const { folder, server, control } = await startBoth(t);
  const authcode = await control.authCode('li-na', 'auth_user');
  const { session, member } = (await postAuth(server, { authcode, scope: 'auth_user' })).body;
  assert.ok((await storedBytes(folder)).includes(member.nick_name));
  assert.equal((await withSession(server, session, '/member', '--request', 'DELETE')).status, 204);
  const stored = await storedBytes(folder);
  assert.ok(!stored.includes(member.nick_name) && !stored.includes(member.open_id ?? member.user_id));
  assertProblem(await withSession(server, session, '/member'), 401, 'session_unknown');
});
