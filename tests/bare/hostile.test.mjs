import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, mock, test } from 'node:test';
import { RealClock } from './support/clock.mjs';
import { bareEngine } from './support/engine.mjs';
import { Dice, hostileValue } from './support/hostile.mjs';
import { installPacked } from './support/packed.mjs';

/**
 * The platform answers with anything, in any order, early, late, twice, with throwing getters: every promise of the package settles, with a
 * value or with one of its errors, and the instance survives.
 */

const SERVER = 'https://api.shop.example';
/** Rounds in an ordinary run, and the duration with `MINIAUTH_LONG`, in milliseconds. */
const ROUNDS = 1500;
const LONG = process.env.MINIAUTH_LONG ? 10 * 60 * 1000 : 0;
/** The factor by which the package's time-outs are shortened. */
const HASTE = 100;
/** How long a round may take to settle, in milliseconds. */
const PATIENCE = 20_000;

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

for (const profile of ['iOS', 'no WebAssembly', 'Worker']) {
  test(`${profile}: whatever the platform answers, every promise settles with an error of ours or a value`, async (context) => {
    const codes = errorCodes();
    const console = mock.method(globalThis.console, 'error', () => {});
    const engine = bareEngine(profile, packed.folder, new RealClock(HASTE));
    const { createAuth } = engine.require();
    const until = Date.now() + LONG;
    let settled = 0;
    let seed = 0;
    for (; seed < ROUNDS || Date.now() < until; seed += 1) {
      settled += await round(seed, createAuth, engine.options, codes);
      assert.deepEqual(
        console.mock.calls.map(({ arguments: [error] }) => String(error)),
        [],
        `seed ${seed}: the console`,
      );
    }
    console.mock.restore();
    context.diagnostic(`${seed} rounds, ${settled} calls settled`);
    assert.equal(engine.instantiations.length, engine.compiles ? 1 : 0, 'one instance from beginning to end');
    assert.ok(settled > ROUNDS);
  });
}

/** Runs one client, some concurrent calls, and then one that must work. */
async function round(seed, createAuth, options, codes) {
  const dice = new Dice(seed);
  const my = hostilePlatform(dice);
  const observe = dice.pick([
    undefined,
    () => {},
    () => {
      throw new Error('an observer');
    },
  ]);
  const auth = createAuth({ my, server: SERVER, observe, ...options });
  const calls = Array.from({ length: 1 + dice.below(5) }, () => dice.pick(OPERATIONS));
  const promises = calls.map((call) => call(auth, dice));
  const outcomes = await inTime(promises, (index) => `seed ${seed}, ${calls[index]}: it never settles`);
  for (const [index, { status, value, reason }] of outcomes.entries()) {
    const what = `seed ${seed}, ${calls[index]}: ${String(reason?.stack ?? reason)}`;
    if (status === 'rejected') {
      assert.equal(reason?.name, 'MiniauthError', what);
      assert.ok(codes.has(reason.code) && !['instance_lost', 'start_failed'].includes(reason.code), what);
      assert.ok(
        [reason.message, reason.advice.zh, reason.advice.en].every((words) => typeof words === 'string'),
        what,
      );
    } else if (value?.renderTo) {
      value.renderTo(({ nickName, avatar }) => {
        for (const shown of [nickName, avatar]) assert.ok(shown === null || typeof shown === 'string', what);
      });
    }
  }
  const sane = { getAuthCode: ({ success }) => success({ authCode: `code-${seed}` }) };
  assert.equal(await createAuth({ my: sane, server: SERVER, ...options }).getAuthCode(), `code-${seed}`);
  return promises.length;
}

const tap = () => ({ type: 'tap', timeStamp: Date.now() + Math.random() });
const purpose = '展示昵称与头像';

const OPERATIONS = [
  (auth) => auth.login(),
  (auth) => auth.authorize(tap(), { purpose }),
  (auth) => auth.getAuthUserInfo(tap(), { purpose }),
  (auth) => auth.getPhoneNumber({ type: 'getAuthorize', timeStamp: Date.now() + Math.random() }, { purpose }),
  (auth) => auth.getAuthCode(),
  (auth) => auth.getAuthCode({ scopes: 'auth_user', event: tap(), purpose }),
  (auth) => auth.httpRequest({ url: `${SERVER}/orders` }),
  (auth) => auth.httpRequest({ url: `${SERVER}/orders`, method: 'POST', data: { note: '爱喝茶的小张' } }),
  (auth) => auth.httpRequest({ url: 'https://other.example/', session: 'none', dataType: 'text' }),
  (auth) => auth.httpRequest({ url: `${SERVER}/orders`, isExpired: () => true }),
  (auth) => {
    const request = auth.httpRequest({ url: `${SERVER}/orders` });
    request.abort();
    return request;
  },
  (auth) => auth.consents(),
  (auth) => auth.guard(),
  (auth) => auth.logout(),
];

/** A `my` that may lack anything, and answers with anything at least once. */
function hostilePlatform(dice) {
  const my = {};
  const names = ['getAuthCode', 'getAuthUserInfo', 'getOpenUserInfo', 'getPhoneNumber', 'request', 'httpRequest'];
  for (const name of names.filter(() => dice.chance(85))) my[name] = (options) => answer(dice, name, options);
  for (const name of ['getStorageSync', 'setStorageSync', 'removeStorageSync'].filter(() => dice.chance(70))) {
    my[name] = () => (dice.chance(20) ? fail(hostileValue(dice)) : dice.chance(50) ? { data: hostileValue(dice) } : hostileValue(dice));
  }
  if (dice.chance(70)) my.canIUse = () => (dice.chance(20) ? fail('canIUse') : dice.chance(70) || hostileValue(dice));
  return my;
}

function answer(dice, name, { success, fail: refuse }) {
  if (dice.chance(5)) fail(hostileValue(dice));
  const settle = () => {
    const value = dice.chance(40) ? likely(dice, name) : hostileValue(dice);
    if (dice.chance(70)) success(value);
    else refuse(value);
  };
  const times = dice.chance(10) ? 2 : 1;
  for (let time = 0; time < times; time += 1) {
    if (dice.chance(30)) settle();
    else setTimeout(settle, dice.below(2));
  }
  return dice.chance(50) ? hostileValue(dice) : { abort: () => dice.chance(20) && fail('abort') };
}

/** The platform's real answers, with a hostile part. */
function likely(dice, name) {
  if (name === 'getAuthCode') return { authCode: 'a-code', authErrorScopes: hostileValue(dice) };
  if (name === 'getAuthUserInfo') return { nickName: '爱喝茶的小张', avatar: hostileValue(dice) };
  if (name === 'getPhoneNumber') return { response: dice.pick(['b64', hostileValue(dice)]), sign: hostileValue(dice) };
  if (name === 'getOpenUserInfo') {
    return { response: JSON.stringify({ response: { code: '10000', nickName: '爱喝茶的小张', avatar: dice.pick([null, 1, 'x']) } }) };
  }
  const session = Buffer.alloc(32, dice.below(256)).toString('base64url');
  const data = dice.pick([
    { session, expires_in: dice.pick([0, 1, 3600, -1, 1e308]), member: dice.pick([null, {}, hostileValue(dice)]) },
    { code: 'session_expired', detail: hostileValue(dice), advice: hostileValue(dice) },
    hostileValue(dice),
  ]);
  return { status: dice.pick([200, 200, 401, 404, 500]), data, headers: hostileValue(dice), error: dice.pick([undefined, 19, 12]) };
}

function fail(value) {
  throw value;
}

/** Returns all outcomes, or fails with the promise that never settled. */
function inTime(promises, what) {
  const pending = new Set(promises.keys());
  for (const [index, promise] of promises.entries()) {
    const settled = () => void pending.delete(index);
    promise.then(settled, settled);
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error([...pending].map(what).join('\n'))), PATIENCE);
    Promise.allSettled(promises).then((outcomes) => {
      clearTimeout(timer);
      resolve(outcomes);
    });
  });
}

/** Every documented code of the package. */
function errorCodes() {
  const readme = readFileSync(new URL('../../pkg/README.md', import.meta.url), 'utf8');
  return new Set([...readme.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code));
}
