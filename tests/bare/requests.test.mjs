import assert from 'node:assert/strict';
import { everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { tap, world } from './support/world.mjs';

const { visit } = world();
const OTHER = 'https://other.example/';

/** Answers every request by a list of steps: an answer, or a failure. */
function script(my, steps) {
  let calls = 0;
  my.request = (options) => {
    const { answer, failure } = steps[Math.min(calls, steps.length - 1)];
    calls += 1;
    if (answer) setTimeout(() => options.success(answer), 1);
    if (failure) setTimeout(() => options.fail(failure), 1);
  };
}

/** Long enough for messages between page and Worker. */
const soon = () => new Promise((resolve) => void setTimeout(resolve, 20));

const ok = { answer: { status: 200, data: { ok: true }, headers: {} } };

everywhere('an offline call that "succeeds" without a status is a failure of the network', async (profile) => {
  const { auth, platform } = await visit(profile);
  script(platform.my, [{ answer: { status: undefined, data: '' } }]);
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { code: 'network' });
});

everywhere('newer and older names of the answer\'s fields are both read', async (profile) => {
  const { auth, platform } = await visit(profile);
  script(platform.my, [{ answer: { statusCode: 201, data: 'x', header: { a: 'b' } } }]);
  const newer = await auth.httpRequest({ url: OTHER });
  assert.deepEqual({ ...newer, headers: { ...newer.headers } }, { status: 201, data: 'x', headers: { a: 'b' } });
  script(platform.my, [{ failure: { error: 19, status: 201, data: 'y', headers: {} } }]);
  assert.equal((await auth.httpRequest({ url: OTHER })).status, 201);
});

everywhere('every failure of the platform has its code and advice in both languages', async (profile) => {
  const { auth, platform } = await visit(profile);
  const codes = {
    1: 'page_left', 2: 'options_invalid', 4: 'domain_not_allowed', 9: 'aborted', 11: 'domain_not_allowed',
    12: 'network', 13: 'timeout', 14: 'request_encoding', 15: 'request_encoding', 20: 'address_refused',
    23: 'network', 99: 'platform_error',
  };
  for (const [error, code] of Object.entries(codes)) {
    script(platform.my, [{ failure: { error: Number(error), errorMessage: `${error} 的说明` } }]);
    await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), (failure) => {
      assert.equal(failure.code, code, error);
      assert.equal(failure.message, `${error} 的说明`);
      assert.ok(failure.advice.zh.endsWith('。') && failure.advice.en.endsWith('.'));
      return true;
    });
  }
  for (const odd of ['a text', null, undefined, 5]) {
    platform.my.request = ({ fail }) => fail(odd);
    await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { code: 'platform_error' });
  }
  platform.my.request = () => { throw new Error('the call itself fails'); };
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { message: 'the call itself fails' });
});

for (const [error, code, outcome] of [
  [11, 'consent_refused', 'refused'],
  [3, 'consent_dismissed', 'dismissed'],
  [10, 'consent_dismissed', 'dismissed'],
  [4, 'scope_not_granted', 'failed'],
  [12, 'network', 'failed'],
  [99, 'platform_error', 'failed'],
  ['11', 'consent_refused', 'refused'],
]) {
  everywhere(`getAuthCode's failure ${JSON.stringify(error)} is ${code}, for the calls that ask and for those that do not`, async (profile) => {
    const { auth, platform } = await visit(profile);
    platform.my.getAuthCode = ({ fail }) => fail({ error, errorMessage: `${error} 的说明` });
    const purpose = '成为会员';
    for (const call of [
      () => auth.login(),
      () => auth.getAuthCode(),
      () => auth.authorize(tap(), { purpose }),
      () => auth.getAuthCode({ scopes: 'auth_user', event: tap(), purpose }),
    ]) {
      await assert.rejects(call(), { code, message: `${error} 的说明` });
    }
    assert.deepEqual([...(await auth.consents())].map((record) => record.outcome), [outcome, outcome]);
    assert.deepEqual(platform.requests, []);
  });
}

everywhere('a scope that the platform did not grant is told, although it gave a code', async (profile) => {
  const { auth, platform } = await visit(profile);
  platform.my.getAuthCode = ({ success }) => success({ authCode: 'code', authErrorScopes: { auth_user: 10 } });
  await assert.rejects(auth.authorize(tap(), { purpose: '成为会员' }), { code: 'scope_not_granted' });
});

everywhere('the record of consents tells purpose, scope, time and outcome', async (profile) => {
  const { auth, platform } = await visit(profile);
  platform.decision = 'refuse';
  await auth.authorize(tap(), { purpose: '成为会员' }).catch(() => {});
  platform.decision = 'accept';
  const started = Date.now();
  await auth.authorize(tap(), { purpose: '成为会员，第二次' });
  const [refused, granted, ...others] = await auth.consents();
  assert.deepEqual([refused.outcome, refused.purpose, refused.scope], ['refused', '成为会员', 'auth_user']);
  assert.deepEqual([granted.outcome, granted.purpose], ['granted', '成为会员，第二次']);
  assert.ok(granted.at >= started);
  assert.deepEqual(others, []);
  const { consent } = platform.requests.find(({ method }) => method === 'POST').data;
  assert.deepEqual({ ...consent }, { purpose: granted.purpose, at: granted.at });
});

for (const [form, answer, outcome] of [
  ['nested text', { response: JSON.stringify({ response: { code: '10000', nickName: '爱喝茶' } }) }, '爱喝茶'],
  ['flat fields', { code: '10000', nickName: '爱喝茶', avatar: '' }, '爱喝茶'],
  ['flat fields without a code', { nickName: '爱喝茶' }, '爱喝茶'],
  ['no nickname', { response: JSON.stringify({ response: { code: '10000', avatar: 'https://a.example/x' } }) }, null],
  ['40003', { response: JSON.stringify({ response: { code: '40003', msg: '用户未授权' } }) }, 'consent_refused'],
  ['40003 as a number', { response: JSON.stringify({ response: { code: 40003 } }) }, 'consent_refused'],
  ['another code', { response: JSON.stringify({ response: { code: '20000', subMsg: '服务不可用' } }) }, 'platform_error'],
  ['a response that is no JSON', { response: '<html>' }, 'platform_answer_invalid'],
  ['a response without an answer', { response: '{}' }, 'platform_answer_invalid'],
  ['nothing', undefined, 'platform_answer_invalid'],
  ['40006', { response: JSON.stringify({ response: { code: '40006', msg: '权限不足' } }) }, 'product_not_in_force'],
]) {
  everywhere(`getOpenUserInfo's success with ${form} is read for what it is`, async (profile) => {
    const { auth, platform } = await visit(profile);
    platform.my.getOpenUserInfo = ({ success }) => success(answer);
    const asked = auth.getAuthUserInfo(tap(), { purpose: '显示昵称' });
    if (outcome !== null && /^[a-z_]+$/.test(outcome)) {
      await assert.rejects(asked, { code: outcome });
      return;
    }
    let shown;
    (await asked).renderTo((values) => { shown = values; });
    assert.equal(shown.nickName, outcome);
  });
}

everywhere('a session that is not required is not asked for', async (profile) => {
  const { auth, platform } = await visit(profile);
  await assert.rejects(auth.httpRequest({ url: `${ORIGIN}/session`, session: 'none' }), { code: 'http_status' });
  assert.equal(platform.count('getAuthCode'), 0);
});

everywhere('a server of another kind says for itself what an expired session looks like', async (profile) => {
  const { auth, platform } = await visit(profile);
  await auth.login();
  const send = platform.my.request;
  let refusals = 0;
  platform.my.request = (options) => {
    if (options.url !== `${ORIGIN}/orders`) return send(options);
    refusals += 1;
    return void setTimeout(() => options.success(refusals === 1 ? { status: 200, data: { error: 'relogin' } } : ok.answer), 1);
  };
  const isExpired = ({ data }) => data.error === 'relogin';
  const { data } = await auth.httpRequest({ url: `${ORIGIN}/orders`, isExpired });
  assert.equal(data.ok, true);
  assert.equal(platform.count('getAuthCode'), 2);
});

everywhere('no clock runs on for a request that was aborted or timed out, though the platform never answers', async (profile) => {
  const { auth, platform, engine } = await visit(profile);
  let calls = 0;
  platform.my.request = () => {
    calls += 1;
    return { abort() {} };
  };
  const called = async (times) => {
    while (calls < times) await soon();
  };
  const request = auth.httpRequest({ url: OTHER, method: 'POST' });
  await called(1);
  assert.equal(engine.timers.size, 1, 'the time-out runs');
  request.abort();
  await assert.rejects(request, { code: 'aborted' });
  await soon();
  assert.equal(engine.timers.size, 0, 'after abort()');
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST', timeout: 5 }), { code: 'timeout' });
  await soon();
  assert.equal(engine.timers.size, 0, 'after the time-out');
  assert.equal(calls, 2);
});
