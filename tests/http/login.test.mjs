import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertProblem, curl, postAuth, startBoth, storedBytes, withSession } from './support.mjs';

const BOTH_CALLS = ['alipay.system.oauth.token', 'alipay.user.info.share'];

test('auth_base gives a session without a member', async (t) => {
  const { server, control } = await startBoth(t);
  const answer = await postAuth(server, { authcode: await control.authCode('zhang-wei') });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(answer.body.session, /^[\w-]{43}$/);
  assert.equal(answer.body.member, null);
  assert.ok(answer.body.expires_in > 6 * 24 * 3600, String(answer.body.expires_in));

  const { body } = await withSession(server, answer.body.session, '/session');
  assert.deepEqual([body.scope, body.member], ['auth_base', null]);
  assertProblem(await withSession(server, answer.body.session, '/member'), 404, 'member_unknown');
});

test('auth_user gives the member as the platform described it, to the byte, and asks no more', async (t) => {
  const { server, control } = await startBoth(t);
  for (const id of ['zhang-wei', 'emoji', 'quotes', 'nameless', 'li-na']) {
    const user = await control.user(id);
    const authcode = await control.authCode(id, 'auth_user');
    const before = await control.calls();
    const answer = await postAuth(server, { authcode, scope: 'auth_user' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { member, session } = answer.body;
    assert.equal(member.nick_name, user.nick_name ?? null);
    assert.equal(member.avatar, user.avatar ?? null);

    const called = [...before, ...BOTH_CALLS];
    assert.deepEqual(await control.calls(), called);
    assert.deepEqual((await withSession(server, session, '/member')).body, member);
    assert.equal((await withSession(server, session, '/session')).body.scope, 'auth_user');
    assert.deepEqual(await control.calls(), called, 'while the session lives, the platform is not asked');
  }
});

test('a form logs in too', async (t) => {
  const { server, control } = await startBoth(t);
  const authcode = await control.authCode('zhang-wei');
  const answer = await curl('--data-urlencode', `authCode=${authcode}`, `${server.url}/auth`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
});

test('a session ends by logout', async (t) => {
  const { server, control } = await startBoth(t);
  const { session } = (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).body;
  assert.equal((await withSession(server, session, '/auth', '--request', 'DELETE')).status, 204);
  const gone = await withSession(server, session, '/session');
  assertProblem(gone, 401, 'session_unknown');
  assert.match(gone.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
  assert.equal((await withSession(server, session, '/auth', '--request', 'DELETE')).status, 204);
});

test('a session ends by time', async (t) => {
  const { server, control } = await startBoth(t, { MINIAUTH_SESSION_LIFETIME_SECONDS: '4' });
  const { session } = (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).body;
  assert.equal((await withSession(server, session, '/session')).status, 200);
  await sleep(4_100);
  const over = await withSession(server, session, '/session');
  assertProblem(over, 401, 'session_expired');
  assert.equal(over.body.reauthorize, true);
});

test('the display information of a page is neither stored nor logged', async (t) => {
  const { folder, server, control } = await startBoth(t, { MINIAUTH_LOG: 'trace' });
  const authcode = await control.authCode('zhang-wei', 'auth_user');
  const forwarded = await postAuth(server, { authcode, scope: 'auth_user', userInfo: { nickName: '页面昵称' } });
  assertProblem(forwarded, 422, 'display_only_forwarded');
  assert.equal(forwarded.body.field, 'userInfo');
  const answer = await postAuth(server, { authcode, scope: 'auth_user' });
  assert.equal(answer.status, 200, 'the code was not touched by the refused post');

  const user = await control.user('zhang-wei');
  for (const text of ['页面昵称', authcode, answer.body.session, user.nick_name, user.user_id, user.open_id]) {
    assert.ok(!server.log.includes(text), `${text} is in the log`);
  }
  assert.ok(server.log.includes('display_only_forwarded'));
  const stored = await storedBytes(folder);
  for (const text of ['页面昵称', authcode, answer.body.session]) {
    assert.ok(!stored.includes(text), `${text} is in the database`);
  }
  assert.ok(stored.includes(user.nick_name), 'what the platform said is');
});
