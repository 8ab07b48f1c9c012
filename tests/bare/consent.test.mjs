import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { bareEngine, everywhere } from './support/engine.mjs';
import { installPacked } from './support/packed.mjs';

/** The platform's answers about consents, and about nickname and avatar, one at a time. */

const SERVER = 'https://api.shop.example';
const purpose = '在本页展示您的昵称与头像';
const USER = { nickName: '爱喝茶的小张', avatar: 'https://tfs.example/images/partner/T1Z3FcXkdUaBcDeFgH' };

let installed;
before(async () => {
  installed = await installPacked();
});
after(() => installed.remove());

/** A client on a platform with given answers, and a count of each call. */
function opened(profile, calls, options = {}) {
  const made = {};
  const my = { canIUse: () => true };
  for (const [name, answer] of Object.entries(calls)) {
    my[name] = (passed) => {
      made[name] = (made[name] ?? 0) + 1;
      return answer(passed);
    };
  }
  const engine = bareEngine(profile, installed.folder);
  const { createAuth } = engine.require();
  const open = (server = SERVER) => createAuth({ my, server, ...engine.options, ...options });
  return { my, made, open, auth: open() };
}

let last = 0;
/** Time stamps are unique, because nobody presses twice in one millisecond. */
function event(type, detail) {
  last = Math.max(Date.now(), last + 1);
  return { type, timeStamp: last, target: {}, currentTarget: {}, detail };
}

const answering =
  (answer) =>
  ({ success }) =>
    void setTimeout(success, 1, answer);
const failing =
  (failure) =>
  ({ fail }) =>
    void setTimeout(fail, 1, failure);
const display = (fields) => answering({ response: JSON.stringify({ response: fields }) });
const GRANTED = { code: '10000', ...USER };
const NOT_AUTHORISED = { code: '40003', msg: 'Insufficient Conditions', subMsg: '无效的授权关系' };
const code = answering({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} });

const outcome = (promise) =>
  promise.then(
    () => 'shown',
    (error) => error.code,
  );
const records = async (auth) => [...(await auth.consents())].map(({ scope, outcome: of, message }) => [scope, of, message]);

/** Reads the values through the documented way out. */
function values(info) {
  let shown;
  info.renderTo((given) => {
    shown = { ...given };
  });
  return shown;
}

everywhere('what the button says of a failure is recorded in its words, and as a refusal only where it is one', async (profile) => {
  for (const [detail, expected, recorded] of [
    [{ type: 'getAuthorize', errorMessage: '用户取消授权' }, 'consent_refused', 'refused'],
    [{ type: 'getAuthorize', errorMessage: '用户不允许授权', error: '2001' }, 'consent_refused', 'refused'],
    [{ type: 'getAuthorize', errorMessage: '不再询问', error: 2003 }, 'consent_refused', 'refused'],
    [{ type: 'getAuthorize', errorMessage: '不再询问', error: 2002 }, 'consent_blocked', 'refused'],
    [{ type: 'getAuthorize', errorMessage: '请输入合法的scope' }, 'authorize_button_required', 'not_granted'],
    [{ type: 'getAuthorize', errorMessage: 'ISV权限不足' }, 'display_product_not_in_force', 'not_granted'],
    [{ type: 'getAuthorize', errorMessage: '无权调用', error: 4 }, 'call_not_permitted', 'not_granted'],
    [{ type: 'getAuthorize', errorMessage: '系统繁忙' }, 'display_not_authorized', 'not_granted'],
    [{ type: 'getAuthorize', errorMessage: '' }, 'display_not_authorized', 'not_granted'],
    [undefined, 'display_not_authorized', 'not_granted'],
  ]) {
    const { auth, made } = opened(profile, { getOpenUserInfo: display(GRANTED), getAuthCode: code });
    assert.equal(await outcome(auth.getAuthUserInfo(event('error', detail), { purpose })), expected, detail?.errorMessage);
    assert.deepEqual(await records(auth), [['userInfo', recorded, detail?.errorMessage]]);
    assert.deepEqual(made, {}, 'nothing was asked');
    assert.equal((await auth.consentState()).userInfo, recorded === 'refused' ? 'denied' : 'unknown');
  }
});

everywhere('an event with an errorMessage is a failure whatever its type, and is told once', async (profile) => {
  const { auth, made } = opened(profile, { getOpenUserInfo: display(GRANTED), getAuthCode: code });
  for (const type of ['tap', 'getAuthorize', 'getUserInfo', 'error', 'Error']) {
    const failure = event(type, { type: 'getAuthorize', errorMessage: '用户取消授权' });
    assert.equal(await outcome(auth.authorize(failure, { purpose })), 'tap_required', type);
    assert.equal(await outcome(auth.getAuthUserInfo(failure, { purpose })), 'consent_refused', type);
    assert.equal(await outcome(auth.getAuthUserInfo({ ...failure }, { purpose })), 'tap_used', type);
  }
  assert.equal((await records(auth)).length, 5);
  assert.deepEqual(made, {});
});

everywhere(
  "40003: after the button there is no consent, on a tap the button is needed, and neither is anybody's answer",
  async (profile) => {
    const { auth } = opened(profile, { getOpenUserInfo: display(NOT_AUTHORISED), getAuthCode: code });
    assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), 'authorize_button_required');
    for (const type of ['getAuthorize', 'getauthorize', 'getUserInfo']) {
      assert.equal(await outcome(auth.getAuthUserInfo(event(type), { purpose })), 'display_not_authorized');
    }
    await assert.rejects(auth.getAuthUserInfo(event('tap'), { purpose }), { message: '无效的授权关系' });
    assert.deepEqual(await records(auth), []);
  },
);

everywhere("a plain tap and the button's own event do not share an outcome", async (profile) => {
  const answers = [display(NOT_AUTHORISED), display(GRANTED)];
  const { auth } = opened(profile, { getOpenUserInfo: (options) => answers.shift()(options) });
  const both = [event('tap'), event('getAuthorize')].map((of) => auth.getAuthUserInfo(of, { purpose }));
  assert.deepEqual(await Promise.all(both.map(outcome)), ['authorize_button_required', 'shown']);
});

everywhere('a consent that was taken back is no longer believed', async (profile) => {
  let answer = display(GRANTED);
  const { auth } = opened(profile, { getOpenUserInfo: (options) => answer(options) });
  assert.equal(await outcome(auth.getAuthUserInfo(event('getAuthorize'), { purpose })), 'shown');
  assert.equal((await auth.consentState()).userInfo, 'granted');
  answer = display(NOT_AUTHORISED);
  assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), 'authorize_button_required');
  assert.equal((await auth.consentState()).userInfo, 'unknown');
  answer = display(GRANTED);
  assert.equal(await outcome(auth.getAuthUserInfo(event('getAuthorize'), { purpose })), 'shown');
  assert.deepEqual(
    (await records(auth)).map(([, of]) => of),
    ['granted', 'granted'],
  );
});

everywhere('where only the old call exists, a consent that was taken back is asked for on the next tap', async (profile) => {
  let answer = answering(USER);
  const { auth, made } = opened(profile, { getAuthUserInfo: (options) => answer(options), getAuthCode: code });
  const ask = () => outcome(auth.getAuthUserInfo(event('tap'), { purpose }));
  assert.deepEqual([await ask(), await ask(), made.getAuthCode], ['shown', 'shown', 1]);
  answer = failing({ error: 10, errorMessage: 'Empty Data' });
  assert.equal(await ask(), 'display_not_authorized');
  answer = answering(USER);
  assert.deepEqual([await ask(), made.getAuthCode], ['shown', 2]);
});

everywhere('where neither call exists, there is no panel for nothing', async (profile) => {
  const { auth, made } = opened(profile, { getAuthCode: code });
  assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), 'platform_unsupported');
  assert.equal(await outcome(auth.getAuthUserInfo(event('getAuthorize'), { purpose })), 'platform_unsupported');
  assert.deepEqual(made, {});
});

for (const [failure, expected, recorded] of [
  [{ error: 4, errorMessage: 'N22104' }, 'call_not_permitted', []],
  [{ error: 11, errorMessage: '用户取消授权' }, 'consent_refused', ['refused']],
  [{ error: 2001 }, 'consent_refused', ['refused']],
  [{ error: 2002 }, 'consent_blocked', ['refused']],
  [{ error: 3 }, 'consent_dismissed', ['dismissed']],
  [{ error: 12 }, 'network', []],
  [{ error: 40003 }, 'authorize_button_required', []],
  [{ error: 40006 }, 'display_product_not_in_force', []],
  [{ error: 104, errorMessage: 'privacy permission is not authorized' }, 'platform_error', []],
  ['a text', 'platform_error', []],
]) {
  everywhere(`getOpenUserInfo's failure ${JSON.stringify(failure)} is ${expected}`, async (profile) => {
    const { auth } = opened(profile, { getOpenUserInfo: failing(failure) });
    assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), expected);
    assert.deepEqual(
      (await records(auth)).map(([, of]) => of),
      recorded,
    );
  });
}

everywhere('the second event of a press carries what the platform did not answer', async (profile) => {
  const { auth, made } = opened(profile, { getOpenUserInfo: failing({ error: 12 }) });
  const carrying = event('getUserInfo', { userInfo: USER });
  const [first, second] = [event('getAuthorize'), carrying].map((of) => auth.getAuthUserInfo(of, { purpose }));
  assert.equal(await outcome(first), 'network');
  assert.deepEqual(values(await second), USER);
  assert.equal(made.getOpenUserInfo, 1);
});

everywhere('a press long after another is a press of its own', async (profile) => {
  const { auth, made } = opened(profile, { getOpenUserInfo: display(GRANTED) }, { tapLifetime: 30 });
  await auth.getAuthUserInfo(event('getAuthorize'), { purpose });
  await new Promise((resolve) => void setTimeout(resolve, 60));
  await auth.getAuthUserInfo(event('getUserInfo'), { purpose });
  assert.equal(made.getOpenUserInfo, 2);
});

everywhere('what an event carries is known, even where the event is refused', async (profile) => {
  const { auth } = opened(profile, { getOpenUserInfo: display(GRANTED), request: answering({ status: 200, data: {}, headers: {} }) });
  const leak = () => auth.httpRequest({ url: 'https://other.example/', method: 'POST', data: { who: USER.nickName } });
  await leak();
  assert.equal(await outcome(auth.authorize(event('getUserInfo', { userInfo: USER }), { purpose })), 'tap_required');
  await assert.rejects(leak(), { code: 'display_only_forwarded' });
});

for (const [how, ask] of [
  ['success', (my) => new Promise((success) => void my.getOpenUserInfo({ success }))],
  ['complete', (my) => new Promise((complete) => void my.getOpenUserInfo({ complete }))],
  ['a promise', (my) => my.getOpenUserInfo()],
  ['the old call', (my) => new Promise((success) => void my.getAuthUserInfo({ success }))],
]) {
  everywhere(`guard() learns what page code gets by itself: ${how}`, async (profile) => {
    const both =
      (answer) =>
      ({ success, complete } = {}) => {
        const told = [success, complete].filter(Boolean);
        if (told.length === 0) return Promise.resolve(answer);
        return void setTimeout(() => told.forEach((tell) => tell(answer)), 1);
      };
    const { my, auth, made } = opened(profile, {
      getOpenUserInfo: both({ response: JSON.stringify({ response: GRANTED }) }),
      getAuthUserInfo: both(USER),
      setStorage: both({}),
    });
    const report = await auth.guard();
    assert.deepEqual([...report.watched], ['getOpenUserInfo', 'getAuthUserInfo']);
    const store = () => new Promise((resolve) => void my.setStorage({ key: 'user', data: USER.nickName, success: resolve, fail: resolve }));
    assert.equal((await store()).code, undefined);
    const answer = await ask(my);
    assert.ok(JSON.stringify(answer).includes(USER.nickName), 'page code has its answer');
    assert.equal((await store()).code, 'display_only_forwarded');
    assert.equal(made.setStorage, 1);
    assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), 'shown');
  });
}

everywhere('a call that never answers ends by itself, and nothing that comes later is acted upon', async (profile) => {
  let late;
  const { auth, made, open } = opened(
    profile,
    {
      getAuthCode: ({ success }) => {
        late = success;
      },
      request: answering({ status: 500, data: {}, headers: {} }),
    },
    { panelTimeout: 40 },
  );
  const refused = await auth.authorize(event('tap'), { purpose }).catch((error) => error);
  assert.equal(refused.code, 'platform_timeout');
  late({ authCode: 'late' });
  await new Promise((resolve) => void setTimeout(resolve, 30));
  assert.deepEqual(
    [...(await auth.consents())].map((record) => [record.outcome, record.late]),
    [
      ['failed', undefined],
      ['granted', true],
    ],
  );
  assert.equal((await auth.consentState()).auth_user, 'unknown');
  assert.equal(made.request, undefined, 'the late code was dropped');
  const waiting = open().httpRequest({ url: `${SERVER}/x`, timeout: 40 });
  assert.equal(await outcome(waiting), 'platform_timeout');
  late({ authCode: 'late' });
  await new Promise((resolve) => void setTimeout(resolve, 30));
});

everywhere('getSetting is asked when the app wants to know, and decides nothing', async (profile) => {
  const { auth, made } = opened(profile, {
    getOpenUserInfo: display(GRANTED),
    getSetting: answering({ authSetting: { userInfo: false, phoneNumber: true } }),
  });
  assert.deepEqual({ ...(await auth.consentState()) }, { userInfo: 'denied', auth_user: 'unknown', phoneNumber: 'granted' });
  assert.equal(await outcome(auth.getAuthUserInfo(event('tap'), { purpose })), 'shown', 'the platform decides');
  assert.equal(made.getSetting, 1);
});
