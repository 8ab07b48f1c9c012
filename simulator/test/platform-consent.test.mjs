import assert from 'node:assert/strict';
import test from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { call, phones } from './support/phone.mjs';

const { phone } = phones();

/** Whether a call has been answered, after everything pending has run. */
async function isAnswered(answer) {
  return Promise.race([answer.then(() => true), new Promise((resolve) => void setTimeout(() => resolve(false), 60))]);
}

const openUserInfo = async (of) => JSON.parse((await call(of, 'getOpenUserInfo'))[1].response).response;
const events = async (of, button) => (await of.press(button)).map(({ type, detail }) => [type, detail]);

test('getOpenUserInfo shows no panel: 40003 until the person agreed through the button', async () => {
  const asking = await phone();
  assert.equal((await openUserInfo(asking)).code, '40003');
  assert.equal(asking.panels, 0);
  await asking.authorise();
  assert.deepEqual((({ code, nickName }) => ({ code, nickName }))(await openUserInfo(asking)), { code: '10000', nickName: '测试' });
  assert.equal(asking.panels, 1);
});

test('if getOpenUserInfo itself asks (authorise:call-panel), a panel precedes its answer', async () => {
  const asking = await phone('authorise:call-panel');
  assert.equal((await openUserInfo(asking)).code, '10000');
  assert.equal(asking.panels, 1);
});

test('the consents to userInfo and to auth_user are separate', async () => {
  const asking = await phone();
  await call(asking, 'getAuthCode', { scopes: 'auth_user' });
  assert.equal((await openUserInfo(asking)).code, '40003');
  await asking.authorise();
  assert.equal(asking.panels, 2);
  await call(asking, 'getAuthCode', { scopes: ['auth_user'] });
  assert.equal(asking.panels, 2, 'neither is asked for again');
});

test('two products: without its own, getOpenUserInfo answers 40006 and the button fails; auth_user still works', async () => {
  const asking = await phone();
  await asking.control('product', 'PUT', { product: '获取会员基础信息', in_force: false });
  try {
    assert.equal((await openUserInfo(asking)).code, '40006');
    assert.equal((await events(asking)).pop()[0], 'error');
    assert.equal((await call(asking, 'getAuthCode', { scopes: 'auth_user' }))[0], 'success');
  } finally {
    await asking.control('product', 'PUT', { product: '获取会员基础信息', in_force: true });
  }
});

for (const [profile, decision, failure] of [
  ['', 'refuse', { error: 11, errorMessage: '用户取消授权' }],
  ['', 'back', { error: 3, errorMessage: '未找到授权结果' }],
  ['close:10', 'back', { error: 10, errorMessage: 'Empty Data' }],
  ['', 'background', { error: 10, errorMessage: 'Empty Data' }],
]) {
  test(`getAuthCode ends with ${failure.error} when the person does "${decision}"${profile && ` (${profile})`}`, async () => {
    const asking = await phone(profile);
    asking.decision = decision;
    const [outcome, value] = await call(asking, 'getAuthCode', { scopes: 'auth_user' });
    assert.deepEqual([outcome, { ...value }], ['fail', failure]);
    assert.deepEqual(await events(asking), [
      ['tap', {}],
      ['error', { type: 'getAuthorize', errorMessage: failure.errorMessage }],
    ]);
  });
}

test('an unknown scope is 3; one that is only not simulated is reported as such', async () => {
  const asking = await phone();
  assert.equal((await call(asking, 'getAuthCode', { scopes: 'auth_all' }))[1].error, 3);
  assert.deepEqual(asking.reported, []);
  assert.equal((await call(asking, 'getAuthCode', { scopes: 'auth_zhima' }))[1].error, 3);
  assert.match(asking.reported[0].message, /auth_zhima is not in this simulator's subset/);
});

test('phone faults: no permission, no network, no answer, a scope that is not granted', async () => {
  const asking = await phone();
  const fail = async (fault, name, options) => {
    asking.faults.set(fault);
    const [outcome, value] = await call(asking, name, options);
    return [outcome, { ...value }];
  };
  const lacks = { error: 4, errorMessage: '无权调用', message: '无权调用', signature: 'N22104' };
  assert.deepEqual(await fail('no-permission:getOpenUserInfo', 'getOpenUserInfo'), ['fail', lacks]);
  assert.equal((await fail('no-permission:getOpenUserInfo', 'getAuthCode'))[0], 'success');
  assert.deepEqual(await fail('offline', 'getAuthCode'), ['fail', { error: 12, errorMessage: 'Network Error' }]);
  assert.deepEqual(await fail('partial-fail', 'getAuthCode', { scopes: 'auth_user' }), [
    'fail',
    { errorMessage: '', authErrorScopes: { auth_user: '10' } },
  ]);
  const [, partial] = await fail('partial', 'getAuthCode', { scopes: ['auth_base', 'auth_user'] });
  assert.deepEqual([partial.authSuccessScopes, partial.authErrorScopes], [['auth_base'], { auth_user: '10' }]);
  assert.equal((await fail('throttled', 'request', { url: 'https://api.shop.example/a' }))[1].error, 20);
  assert.equal((await fail('no-status', 'request', { url: 'https://api.shop.example/a' }))[1].status, undefined);
  asking.faults.set('no-answer:getAuthCode');
  assert.equal(await isAnswered(call(asking, 'getAuthCode')), false);
  assert.throws(() => asking.faults.set('no-such'), /there is no fault "no-such": it must be one of no-permission, /);
  assert.throws(() => asking.faults.set('partial:request'), /the fault partial applies to getAuthCode, not "request"/);
});

test('refused for good: 2001, then 2003, then 2002 without a panel, until the settings change it', async () => {
  const asking = await phone();
  asking.faults.set('numbered-refusal');
  const refused = async (decision) => {
    asking.decision = decision;
    return (await call(asking, 'getAuthCode', { scopes: 'auth_user' }))[1].error;
  };
  assert.deepEqual([await refused('refuse'), await refused('refuse-for-good'), await refused('accept')], [2001, 2003, 2002]);
  assert.equal(asking.panels, 2);
});

test('the answer of getOpenUserInfo is a JSON string; a fault makes it an object, or flat', async () => {
  const asking = await phone();
  await asking.authorise();
  asking.faults.set('response-object');
  assert.equal((await call(asking, 'getOpenUserInfo'))[1].response.response.nickName, '测试');
  asking.faults.set('response-flat');
  assert.equal((await call(asking, 'getOpenUserInfo'))[1].nickName, '测试');
});

test('getAuthUserInfo works only after auth_user, and never asks', async () => {
  const asking = await phone('', 'legacy');
  assert.equal((await call(asking, 'getAuthUserInfo'))[1].error, 10);
  await call(asking, 'getAuthCode', { scopes: 'auth_user' });
  assert.deepEqual({ ...(await call(asking, 'getAuthUserInfo'))[1] }, { nickName: '测试', avatar: 'https://avatars.shop.example/ce.png' });
});

test('the button: its events have no number; a missing scope is reported; another press with a consent shows no panel', async () => {
  const asking = await phone();
  const nonsense = ['error', { type: 'getAuthorize', errorMessage: '请输入合法的scope' }];
  assert.deepEqual((await events(asking, { openType: 'getAuthorize' }))[1], nonsense);
  assert.deepEqual((await events(asking, { openType: 'getAuthorize', scope: 'user' }))[1], nonsense);
  const userInfo = { avatar: 'https://avatars.shop.example/ce.png', nickName: '测试' };
  const agreed = [
    ['tap', {}],
    ['getAuthorize', undefined],
    ['getUserInfo', { userInfo }],
  ];
  assert.deepEqual(await events(asking), agreed);
  assert.deepEqual(await events(asking), agreed);
  assert.equal(asking.panels, 1);
});

test('a button that asks again despite a consent (authorised-button:panel)', async () => {
  const asking = await phone('authorised-button:panel');
  await asking.press();
  await asking.press();
  assert.equal(asking.panels, 2);
});

test('getSetting returns the decisions, and nothing that was never asked; in openSetting the person can change them', async () => {
  const asking = await phone();
  const settings = async (name) => (await call(asking, name))[1].authSetting;
  assert.deepEqual(await settings('getSetting'), {});
  asking.decision = 'refuse';
  await asking.press();
  assert.deepEqual(await settings('getSetting'), { userInfo: false });
  asking.answers.settings = { userInfo: true };
  assert.deepEqual(await settings('openSetting'), { userInfo: true });
  assert.equal((await openUserInfo(asking)).code, '10000');
  asking.answers.settings = { userInfo: false };
  assert.deepEqual(await settings('openSetting'), { userInfo: false }, 'what was granted is taken back there too');
  assert.equal((await openUserInfo(asking)).code, '40003');
});

for (const [profile, order] of [
  ['', ['page', 'answer']],
  ['onShow:app+page', ['app', 'page', 'answer']],
  ['onShow:none', ['answer']],
  ['onShow-when:after', ['answer', 'page']],
  ['onShow:app+page,onShow-when:after', ['answer', 'app', 'page']],
]) {
  test(`after a panel closes (${profile || 'the default'}): ${order.join(', ')}`, async () => {
    const asking = await phone(profile);
    asking.my.getAuthCode({ scopes: 'auth_user', success: () => asking.shown.push('answer') });
    for (let turns = 0; asking.shown.length < order.length && turns < 10_000; turns += 1) await new Promise(setImmediate);
    assert.deepEqual(asking.shown, order);
    asking.shown.length = 0;
    await asking.decisions.press(
      { openType: 'getAuthorize', scope: 'userInfo' },
      (type) => type === 'getAuthorize' && asking.shown.push('answer'),
    );
    assert.deepEqual(asking.shown, order);
  });
}

test('the privacy popup comes before anything that touches personal data, once', async () => {
  const asking = await phone('privacy:popup');
  assert.equal((await call(asking, 'getPrivacySetting'))[1].needAuthorization, true);
  await call(asking, 'getAuthCode');
  assert.equal(asking.popups, 0, 'the silent code touches no personal data');
  await asking.press();
  await call(asking, 'getAuthCode', { scopes: 'auth_user' });
  assert.deepEqual([asking.popups, asking.panels], [1, 2]);
  assert.equal((await call(asking, 'getPrivacySetting'))[1].needAuthorization, false);
});

test('without agreement to the privacy popup the call fails (privacy:popup), or waits forever (privacy:pending)', async () => {
  for (const [profile, outcome] of [
    ['privacy:popup', 'fail'],
    ['privacy:pending', false],
  ]) {
    const asking = await phone(profile);
    asking.answers.privacy = 'disagree';
    const answer = call(asking, 'getOpenUserInfo');
    assert.equal(outcome && (await answer)[0], outcome);
    if (!outcome) assert.equal(await isAnswered(answer), false);
    asking.answers.privacy = 'agree';
    assert.equal((await openUserInfo(asking)).code, '40003', 'the next call asks again');
    assert.equal(asking.popups, 2);
  }
});

test('if page code listens, the app shows its own popup: only a press of its button agrees', async () => {
  const asking = await phone('privacy:popup');
  const waiting = [];
  asking.my.onNeedPrivacyAuthorization((resolve, { referrer }) => waiting.push([resolve, referrer]));
  const answer = call(asking, 'getOpenUserInfo');
  for (let turns = 0; waiting.length === 0 && turns < 10_000; turns += 1) await new Promise(setImmediate);
  const [[resolve, referrer]] = waiting;
  assert.equal(referrer, 'getOpenUserInfo');
  assert.throws(() => resolve({ event: 'agree' }), /without a press of/);
  assert.equal(await isAnswered(answer), false);
  assert.deepEqual(await events(asking, { openType: 'agreePrivacyAuthorization' }), [
    ['tap', {}],
    ['agreePrivacyAuthorization', undefined],
  ]);
  assert.equal(await isAnswered(answer), false, 'the press alone does not answer the call');
  resolve({ event: 'agree' });
  assert.equal((await answer)[0], 'success');
  assert.equal(asking.popups, 0);
});

test("getPhoneNumber shows no panel: the platform's answer is encrypted, like in the button's event", async () => {
  const asking = await phone();
  const answer = async () => (await call(asking, 'getPhoneNumber'))[1];
  assert.deepEqual(Object.keys(JSON.parse((await answer()).response)).sort(), ['charset', 'encrypt_type', 'response', 'sign', 'sign_type']);
  assert.equal(asking.panels, 0);
  const pressed = await events(asking, { openType: 'getAuthorize', scope: 'phoneNumber' });
  assert.deepEqual(
    pressed.map(([type, detail]) => [type, Object.keys(detail ?? {})]),
    [
      ['tap', []],
      ['getAuthorize', []],
      ['getPhoneNumber', ['encryptedData', 'sign']],
    ],
  );
  assert.equal(asking.panels, 1);
  asking.faults.set('phone-no-signing');
  assert.equal((await events(asking, { openType: 'getAuthorize', scope: 'phoneNumber' })).pop()[1].sign, undefined);
  asking.faults.set('phone-no-aes-key');
  assert.equal(JSON.parse((await answer()).response).response.subCode, 'isv.missing-encrypt-key');
  const [, { encryptedData }] = (await events(asking, { openType: 'getAuthorize', scope: 'phoneNumber' })).pop();
  assert.equal(JSON.parse(encryptedData).subCode, 'isv.missing-encrypt-key', 'in clear, and a text all the same');
  asking.faults.set('response-flat');
  assert.deepEqual(Object.keys(await answer()), ['response', 'sign']);
  asking.faults.set('response-object');
  assert.equal(typeof (await answer()).response, 'object');
});

test('every call listed as simulated is carried out', { timeout: 60_000 }, async () => {
  const known = (name) => facts.calls.calls[name] ?? {};
  for (const apis of ['current', 'legacy']) {
    const asking = await phone('', apis);
    const functions = Object.keys(asking.my).filter((name) => typeof asking.my[name] === 'function');
    assert.ok(functions.length > 60, `${functions.length} calls`);
    for (const name of functions) {
      // A call without options answers at once, or listens.
      const waits = (known(name).options || known(name).like) && !name.endsWith('Sync');
      const failure = waits
        ? String((await call(asking, name, { key: 'a' }))[1]?.errorMessage)
        : thrown(() => asking.my[name](known(name).listener ? () => {} : 'a'));
      assert.doesNotMatch(failure, /is not a function/, name);
    }
    for (const name of Object.keys(asking.my)) assert.ok(functions.includes(name) || known(name).value || name === 'ap', name);
  }
});

function thrown(act) {
  try {
    act();
    return '';
  } catch (error) {
    return String(error);
  }
}

test('a call is answered once, even if page code throws in its callback', async () => {
  const asking = await phone();
  const told = [];
  await new Promise(
    (complete) =>
      void asking.my.getAuthCode({
        success() {
          told.push('success');
          throw new Error('in page code');
        },
        fail: () => told.push('fail'),
        complete,
      }),
  );
  assert.deepEqual([told, asking.reported.map(({ message }) => message)], [['success'], ['in page code']]);
});
