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

everywhere("newer and older names of the answer's fields are both read", async (profile) => {
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
    1: 'page_left',
    2: 'options_invalid',
    4: 'domain_not_allowed',
    9: 'aborted',
    11: 'domain_not_allowed',
    12: 'network',
    13: 'timeout',
    14: 'request_encoding',
    15: 'request_encoding',
    20: 'address_refused',
    23: 'network',
    99: 'platform_error',
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
    const expected = typeof odd === 'string' ? { code: 'platform_error', message: odd } : { code: 'platform_error' };
    await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), expected);
  }
  platform.my.request = () => {
    throw new Error('the call itself fails');
  };
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { message: 'the call itself fails' });
});

for (const [error, code, outcome] of [
  [11, 'consent_refused', 'refused'],
  [3, 'consent_dismissed', 'dismissed'],
  [10, 'consent_dismissed', 'dismissed'],
  [4, 'call_not_permitted', 'failed'],
  [2001, 'consent_refused', 'refused'],
  [2002, 'consent_blocked', 'refused'],
  [2003, 'consent_refused', 'refused'],
  [12, 'network', 'failed'],
  [99, 'platform_error', 'failed'],
  ['11', 'consent_refused', 'refused'],
]) {
  everywhere(
    `getAuthCode's failure ${JSON.stringify(error)} is ${code}, for the calls that ask and for those that do not`,
    async (profile) => {
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
      const records = [...(await auth.consents())].map((record) => [record.outcome, record.message]);
      assert.deepEqual(
        records,
        [
          [outcome, `${error} 的说明`],
          [outcome, `${error} 的说明`],
        ],
        "in the platform's words",
      );
      assert.deepEqual(platform.requests, []);
    },
  );
}

for (const [how, answer] of [
  ['although it gave a code', ({ success }) => success({ authCode: 'code', authErrorScopes: { auth_user: 10 } })],
  ['under the old name', ({ success }) => success({ authCode: 'code', authErrorScope: { auth_user: '10001' } })],
  ['in fail, without a number', ({ fail }) => fail({ authErrorScopes: { auth_user: '10001' } })],
]) {
  everywhere(`a scope that the platform did not grant is told, ${how}`, async (profile) => {
    const { auth, platform } = await visit(profile);
    platform.my.getAuthCode = answer;
    await assert.rejects(auth.authorize(tap(), { purpose: '成为会员' }), { code: 'scope_not_granted' });
    assert.deepEqual(
      [...(await auth.consents())].map(({ outcome }) => outcome),
      ['not_granted'],
    );
    assert.deepEqual(platform.requests, []);
  });
}

everywhere('a success without a code is told, with what the platform answered', async (profile) => {
  const { auth, platform } = await visit(profile);
  platform.my.getAuthCode = ({ success }) => success({ error: 20, errorMessage: 'busy' });
  await assert.rejects(auth.authorize(tap(), { purpose: '成为会员' }), (error) => {
    assert.deepEqual([error.code, error.message, error.cause.error], ['platform_answer_invalid', 'busy', 20]);
    return true;
  });
});

for (const [what, failure, dataType, expected] of [
  ['a page of a proxy', { status: 502, data: '<html>' }, 'json', { code: 'http_status', status: 502, data: '<html>' }],
  ['a problem document', { status: 404, data: '{"code":"not_found"}' }, 'json', { code: 'http_status', status: 404 }],
  ['an empty body', { status: 204, data: '' }, 'json', { status: 204, data: '' }],
  ['an empty body of a 200', { status: 200, data: '' }, 'json', { status: 200, data: '' }],
  ['a 204 without a body', { status: 204 }, 'json', { status: 204, data: undefined }],
  ['a byte order mark', { status: 200, data: '\ufeff{"id":7}' }, 'json', { status: 200, id: 7 }],
  ['a text where JSON was promised', { status: 200, data: 'hello' }, 'json', { code: 'request_encoding', status: 200, data: 'hello' }],
  ['a body that was dropped', { status: 200 }, 'json', { code: 'request_encoding', status: 200 }],
  ['a text where a text was promised', { status: 200, data: 'hello' }, 'text', { status: 200, data: 'hello' }],
  ['what is not base64', { status: 200, data: 'hello' }, 'base64', { code: 'request_encoding', status: 200 }],
  ['a time-out', { status: 13, data: '请求超时异常' }, 'json', { code: 'timeout' }],
  ['a failing network', { status: 12, data: '' }, 'json', { code: 'network' }],
  ['nothing', {}, 'json', { code: 'request_encoding' }],
]) {
  everywhere(`error 14 with ${what} is what it is`, async (profile) => {
    const { auth, platform } = await visit(profile);
    script(platform.my, [{ failure: { error: 14, errorMessage: 'JSON parse data error', headers: {}, ...failure } }]);
    const { error, response } = await auth.httpRequest({ url: OTHER, method: 'POST', dataType }).then(
      (answered) => ({ response: answered }),
      (thrown) => ({ error: thrown, response: thrown.response }),
    );
    assert.equal(error?.code, expected.code);
    assert.equal(response?.status, expected.status);
    if ('data' in expected) assert.equal(response.data, expected.data);
    if (expected.id) assert.equal(response.data.id, expected.id);
  });
}

everywhere('what a retry cannot help is sent once, with any method', async (profile) => {
  const { auth, platform } = await visit(profile);
  for (const error of [1, 2, 4, 9, 11, 13, 14, 20, 99]) {
    let sent = 0;
    platform.my.request = ({ fail }) => {
      sent += 1;
      setTimeout(() => fail({ error }), 1);
    };
    await assert.rejects(auth.httpRequest({ url: OTHER }));
    assert.equal(sent, 1, `error ${error}`);
  }
});

everywhere('a request that is sent again waits as long as it says', async (profile) => {
  const { auth, platform, decisions } = await visit(profile);
  script(platform.my, [{ failure: { error: 12 } }, ok]);
  const began = performance.now();
  assert.equal((await auth.httpRequest({ url: OTHER })).status, 200);
  const waited = performance.now() - began;
  const [, millis] = /(\d+) ms/.exec(decisions.find(({ outcome }) => outcome === 'retried').reason);
  assert.ok(waited >= Number(millis) - 1, `${waited} ms, not ${millis}`);
});

everywhere('error 19 without a status is no answer', async (profile) => {
  const { auth, platform } = await visit(profile);
  script(platform.my, [{ failure: { error: 19, errorMessage: 'HTTP 错误' } }]);
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { code: 'network', message: 'HTTP 错误' });
});

everywhere('a promise that the platform returns beside the callbacks causes no unhandled rejection', async (profile) => {
  const { auth, platform } = await visit(profile);
  const unhandled = [];
  const hear = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', hear);
  const failing = (options) => {
    setTimeout(() => options.fail({ error: 12, errorMessage: 'Network Error' }), 1);
    return Object.assign(new Promise((_, reject) => void setTimeout(reject, 1, { error: 12 })), { abort() {} });
  };
  Object.assign(platform.my, { request: failing, getAuthCode: failing, getOpenUserInfo: failing, getSetting: failing });
  await assert.rejects(auth.login(), { code: 'network' });
  await assert.rejects(auth.authorize(tap(), { purpose: '成为会员' }), { code: 'network' });
  await assert.rejects(auth.getAuthUserInfo(tap(), { purpose: '显示昵称' }), { code: 'network' });
  await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST' }), { code: 'network' });
  assert.equal((await auth.consentState()).userInfo, 'unknown');
  await new Promise((resolve) => void setTimeout(resolve, 20));
  process.off('unhandledRejection', hear);
  assert.deepEqual(unhandled, []);
});

everywhere('the record of consents has purpose, scope, time and outcome', async (profile) => {
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
  ['text that is not nested', { response: JSON.stringify({ code: '10000', nickName: '爱喝茶' }) }, '爱喝茶'],
  ['an object', { response: { response: { code: '10000', nickName: '爱喝茶' } } }, '爱喝茶'],
  ['an object that is not nested', { response: { code: '10000', nickName: '爱喝茶' } }, '爱喝茶'],
  ['a text in an object', { response: { response: JSON.stringify({ code: '10000', nickName: '爱喝茶' }) } }, '爱喝茶'],
  ['both', { response: JSON.stringify({ response: { code: '10000', nickName: '爱喝茶' } }), code: '10000', nickName: '爱喝茶' }, '爱喝茶'],
  ['flat fields beside an empty text', { response: '', code: '10000', nickName: '爱喝茶' }, '爱喝茶'],
  ['a byte order mark', { response: `\ufeff${JSON.stringify({ response: { code: '10000', nickName: '爱喝茶' } })}` }, '爱喝茶'],
  ['40003', { response: JSON.stringify({ response: { code: '40003', msg: '用户未授权' } }) }, 'display_not_authorized'],
  ['40003 as a number', { response: JSON.stringify({ response: { code: 40003 } }) }, 'display_not_authorized'],
  ['40003 in an object', { response: { response: { code: '40003' } } }, 'display_not_authorized'],
  ['40003 in flat fields', { code: '40003', subMsg: '无效的授权关系' }, 'display_not_authorized'],
  ['an empty object', {}, 'platform_answer_invalid'],
  ['another code', { response: JSON.stringify({ response: { code: '20000', subMsg: '服务不可用' } }) }, 'platform_error'],
  ['a response that is no JSON', { response: '<html>' }, 'platform_answer_invalid'],
  ['a response without an answer', { response: '{}' }, 'platform_answer_invalid'],
  ['nothing', undefined, 'platform_answer_invalid'],
  ['40006', { response: JSON.stringify({ response: { code: '40006', msg: '权限不足' } }) }, 'display_product_not_in_force'],
]) {
  everywhere(`getOpenUserInfo's success with ${form} is read for what it is`, async (profile) => {
    const { auth, platform } = await visit(profile);
    platform.my.getOpenUserInfo = ({ success }) => success(answer);
    const asked = auth.getAuthUserInfo(tap({ type: 'getAuthorize' }), { purpose: '显示昵称' });
    if (outcome !== null && /^[a-z_]+$/.test(outcome)) {
      await assert.rejects(asked, { code: outcome });
      assert.deepEqual([...(await auth.consents())], [], 'nobody was asked');
      return;
    }
    let shown;
    (await asked).renderTo((values) => {
      shown = values;
    });
    assert.equal(shown.nickName, outcome);
    assert.deepEqual(
      [...(await auth.consents())].map((record) => [record.scope, record.outcome]),
      [['userInfo', 'granted']],
    );
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
    for (let waits = 0; calls < times && waits < 500; waits += 1) await soon();
    assert.equal(calls, times);
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
