import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, postAuth, startBoth, storedBytes, withSession } from './support.mjs';

/** Runs a test with a server that calls the platform by v2, and with one that uses OpenAPI v3. */
function byEachApi(name, body) {
  for (const api of ['v2', 'v3']) test(`${name} (${api})`, (t) => body(t, { MINIAUTH_API: api }));
}

async function becomeMember(server, control, user = 'zhang-wei') {
  return postAuth(server, { authcode: await control.authCode(user, 'auth_user'), scope: 'auth_user' });
}

async function assertNothingStored(folder, control, ids) {
  const stored = await storedBytes(folder);
  for (const id of ids) {
    const user = await control.user(id);
    for (const text of [user.nick_name, user.avatar, user.user_id, user.open_id].filter(Boolean)) {
      assert.ok(!stored.includes(text), `${text} is in the database`);
    }
  }
}

byEachApi("another user's rightly signed answer is refused, and nothing of either user is stored", async (t, env) => {
  const { folder, server, control } = await startBoth(t, env);
  await control.fault('identity_mismatch', { method: 'alipay.user.info.share', as_user: 'li-na' });
  const answer = await becomeMember(server, control);
  assertProblem(answer, 502, 'gateway_identity_mismatch');
  assert.equal(answer.body.reauthorize, true);
  await assertNothingStored(folder, control, ['zhang-wei', 'li-na']);
});

byEachApi('an answer with a wrong signature, or none, is not believed', async (t, env) => {
  const { folder, server, control } = await startBoth(t, env);
  for (const kind of ['wrong_signature', 'unsigned']) {
    await control.fault(kind, { times: 1 });
    assertProblem(await becomeMember(server, control), 502, 'gateway_untrusted');
    await control.fault(kind, { method: 'alipay.user.info.share', times: 1 });
    assertProblem(await becomeMember(server, control), 502, 'gateway_untrusted');
  }
  await assertNothingStored(folder, control, ['zhang-wei']);
  assert.equal((await becomeMember(server, control)).status, 200);
});

byEachApi('a refusal without a signature is no data, and its code tells operator and client what to check', async (t, env) => {
  const { folder, server, control } = await startBoth(t, { ...env, MINIAUTH_APP_ID: '2021000000000404' });
  const answer = await becomeMember(server, control);
  assertProblem(answer, 502, 'gateway_untrusted');
  const told = 'he gateway says, unsigned: isv.invalid-app-id: check app_id. The app id is wrong';
  assert.ok(answer.body.advice.en.startsWith(`T${told}`), answer.body.advice.en);
  assert.ok(answer.body.detail.startsWith(`t${told}`), answer.body.detail);
  assert.ok(server.log.includes(told), server.log);
  await assertNothingStored(folder, control, ['zhang-wei']);
});

byEachApi('a product that is not in force is named', async (t, env) => {
  const { folder, server, control } = await startBoth(t, env);
  await control.productInForce(false);
  const answer = await becomeMember(server, control);
  assertProblem(answer, 502, 'product_not_in_force');
  assert.match(answer.body.advice.en, /获取会员信息/);
  await assertNothingStored(folder, control, ['zhang-wei']);
  assert.equal((await postAuth(server, { authcode: await control.authCode('zhang-wei') })).status, 200);
});

byEachApi('a broken gateway is said, and the next login works', async (t, env) => {
  const { folder, server, control } = await startBoth(t, env);
  for (const kind of ['unavailable', 'reset', 'server_error']) {
    await control.fault(kind, { times: 1 });
    assertProblem(await becomeMember(server, control), 503, 'gateway_unavailable');
  }
  await assertNothingStored(folder, control, ['zhang-wei']);
  assert.equal((await becomeMember(server, control)).status, 200);
});

test('without a gateway there is no login, but sessions live on', async (t) => {
  const { sandbox, server, control } = await startBoth(t);
  const { session, member } = (await becomeMember(server, control)).body;
  const authcode = await control.authCode('zhang-wei');
  assert.equal(await sandbox.stop(), 0);
  assertProblem(await postAuth(server, { authcode }), 503, 'gateway_unavailable');
  assert.deepEqual((await withSession(server, session, '/member')).body, member);
});

test('a silent code does not give access to a member', async (t) => {
  const { server, control } = await startBoth(t);
  const authcode = await control.authCode('zhang-wei');
  const answer = await postAuth(server, { authcode, scope: 'auth_user' });
  assertProblem(answer, 403, 'scope_insufficient');
  assert.equal(answer.body.reauthorize, true);
});

test('OpenAPI v3: a recorded answer is not believed, and its code not spent twice', async (t) => {
  const { folder, server, control } = await startBoth(t, { MINIAUTH_API: 'v3' });
  for (const method of ['alipay.system.oauth.token', 'alipay.user.info.share']) {
    await control.fault('recorded', { method, times: 1 });
    assertProblem(await becomeMember(server, control), 502, 'gateway_untrusted');
  }
  await assertNothingStored(folder, control, ['zhang-wei']);
  assert.equal((await becomeMember(server, control)).status, 200);
});
