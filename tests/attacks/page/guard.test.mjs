import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bareEngine } from '../../bare/support/engine.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { ALARMS, CALLED, HEADERS, PICTURES } from './guard-alarms.mjs';
import { AVATAR, AVATARS, CARRIED, NAMES, SHORT, TELLING, UNDER, WRITTEN } from './guard-shapes.mjs';
import { event } from './support/platform.mjs';

const LONG = process.env.MINIAUTH_LONG !== undefined;
const purpose = '展示昵称与头像';
const SERVER = 'https://api.shop.example';

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

/** Builds a guarded platform for a user; records the calls that passed and the guard's decisions. */
async function guarded(nickName, avatar = AVATAR, globals = 'iOS') {
  const passed = [];
  const decisions = [];
  const take = (options) => {
    passed.push(options);
    if (options.success) options.success({ status: 200, data: '{}', headers: {} });
  };
  const my = {
    canIUse: () => false,
    getAuthCode: ({ success }) => success({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} }),
    getAuthUserInfo: ({ success }) => success({ nickName, avatar }),
    request: take,
    setStorage: take,
    setStorageSync: take,
  };
  const engine = bareEngine(globals, packed.folder);
  const auth = engine.require().createAuth({ my, server: SERVER, observe: (decision) => decisions.push(decision), ...engine.options });
  await auth.getAuthUserInfo(event('tap'), { purpose });
  await auth.guard();
  const refusal = (data) => {
    try {
      my.setStorageSync({ key: 'k', data });
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const request = (options) =>
    new Promise((resolve) => void my.request({ url: `${SERVER}/x`, ...options, success: () => resolve(undefined), fail: resolve }));
  const stored = (data) =>
    new Promise((resolve) => void my.setStorage({ key: 'k', data, success: () => resolve(undefined), fail: resolve }));
  return { auth, my, passed, decisions, refusal, request, stored };
}

test('a nickname is seen however it is written', async () => {
  for (const nickName of TELLING) {
    const { refusal } = await guarded(nickName);
    for (const [written, write] of Object.entries(WRITTEN)) {
      for (const [carried, carry] of Object.entries(CARRIED)) {
        assert.equal(refusal(carry(write(nickName)))?.code, 'display_only_forwarded', `${nickName}: ${written}, ${carried}`);
      }
    }
  }
});

test('a short nickname is seen under a name', async () => {
  for (const nickName of SHORT) {
    const { refusal } = await guarded(nickName);
    assert.equal(refusal({ note: nickName }), undefined, nickName);
    for (const [under, put] of Object.entries(UNDER)) {
      assert.equal(refusal(put(nickName))?.code, 'display_only_forwarded', `${nickName}: ${under}`);
    }
  }
});

test('an avatar is seen by what does not differ', async () => {
  const { refusal } = await guarded('爱喝茶的小张');
  for (const [written, avatar] of Object.entries(AVATARS)) {
    assert.equal(refusal({ pic: avatar })?.code, 'display_only_forwarded', written);
  }
  assert.equal(refusal({ pic: 'https://tfs.alipayobjects.com/images/partner/T2Z3FcXkdUaBcDeFgX_160X160' }), undefined, "another's");
});

test('no error and no decision shows a value', async () => {
  for (const nickName of [...TELLING, ...SHORT]) {
    const { auth, refusal, decisions } = await guarded(nickName);
    const plain = nickName.trim().toLowerCase();
    for (const write of NAMES) {
      const name = write(nickName.trim());
      const data = { by: { [name]: { pic: AVATAR } } };
      const error = refusal(data);
      const rejected = await auth
        .httpRequest({ url: `${SERVER}/x`, method: 'POST', session: 'none', data, typed: [`data.by.${name}`] })
        .catch((failure) => failure);
      for (const shown of [error, rejected, ...decisions]) {
        const text = [JSON.stringify(shown), shown.message, shown.where, shown.stack, String(shown)].join('\n').toLowerCase();
        const values =
          plain.length > 1 && /[^\x20-\x7e]|^bob$|^moon$|tom lee|sunshine|5201314|nike/.test(plain) ? [plain, name.toLowerCase()] : [];
        for (const value of [...values, 'T1Z3FcXkdUaBcDeFgH'.toLowerCase()])
          assert.ok(!text.includes(value), `${nickName} as ${name}: ${text}`);
      }
      assert.ok(error && error.where.startsWith('setStorageSync.data.by'), error?.where);
    }
  }
});

test('what only looks like a nickname passes', async () => {
  for (const [nickName, bodies] of Object.entries(ALARMS)) {
    const { refusal, request } = await guarded(nickName);
    for (const data of bodies) {
      assert.equal(refusal(data)?.message, undefined, `${nickName}: ${JSON.stringify(data)}`);
      assert.equal((await request({ method: 'POST', data }))?.message, undefined, `${nickName}: ${JSON.stringify(data)}`);
    }
  }
});

test("the protocol's headers pass", async () => {
  for (const nickName of CALLED) {
    const { request } = await guarded(nickName);
    for (const [name, value] of Object.entries(HEADERS)) {
      assert.equal((await request({ headers: { [name]: value } }))?.message, undefined, `${nickName}: ${name}`);
    }
    assert.equal((await request({ headers: { 'x-nick-name': nickName } }))?.code, 'display_only_forwarded', nickName);
  }
});

/** The other hosts try only one in this many combinations: they run the same search, but slower. */
const SAMPLE = 13;

for (const [globals, host] of [
  ['no WebAssembly', 'plain JavaScript'],
  ['Worker', 'Worker'],
]) {
  test(`${host}: a part of all these shapes and alarms`, async () => {
    let index = 0;
    const isRefused = async (stored, data, what) => {
      index += 1;
      if (index % SAMPLE === 0) assert.equal((await stored(data))?.code, 'display_only_forwarded', what);
    };
    for (const nickName of TELLING) {
      const { stored } = await guarded(nickName, AVATAR, globals);
      for (const [written, write] of Object.entries(WRITTEN)) {
        for (const [carried, carry] of Object.entries(CARRIED))
          await isRefused(stored, carry(write(nickName)), `${nickName}: ${written}, ${carried}`);
      }
    }
    for (const nickName of SHORT) {
      const { stored } = await guarded(nickName, AVATAR, globals);
      for (const [under, put] of Object.entries(UNDER)) await isRefused(stored, put(nickName), `${nickName}: ${under}`);
    }
    const { stored } = await guarded('爱喝茶的小张', AVATAR, globals);
    for (const [written, avatar] of Object.entries(AVATARS)) await isRefused(stored, { pic: avatar }, written);
    for (const [nickName, bodies] of Object.entries(ALARMS)) {
      const { stored: storedBy } = await guarded(nickName, AVATAR, globals);
      for (const data of bodies.slice(0, 2))
        assert.equal((await storedBy(data))?.message, undefined, `${nickName}: ${JSON.stringify(data)}`);
    }
    const picture = `data:image/png;base64,${ALPHABETS.standard(1e6)}`;
    assert.equal((await stored({ data: picture }))?.message, undefined);
    assert.equal((await stored({ data: `${picture} 爱喝茶的小张` }))?.code, 'display_only_forwarded');
    console.log(`${host}: ${Math.floor(index / SAMPLE)} of ${index} combinations refused`);
  });
}

const ALPHABETS = {
  standard: (size) => randomBytes(Math.floor((size * 3) / 4)).toString('base64'),
  url: (size) => randomBytes(Math.floor((size * 3) / 4)).toString('base64url'),
  'one letter': (size) => 'A'.repeat(size),
  digits: (size) => '0123456789'.repeat(size / 10),
  hexadecimal: (size) => randomBytes(size / 2).toString('hex'),
};

test('a large body is refused by its size alone', async () => {
  // By chance, four letters in either case occur once in 270 MB of bytes, one UTF-16 character once in 64 KB.
  for (const nickName of ['Moon', 'Bob', '晴']) {
    const { refusal: refusedBy } = await guarded(nickName);
    assert.equal(refusedBy({ avatar: `data:image/png;base64,${ALPHABETS.standard(2e6)}` })?.message, undefined, nickName);
    assert.equal(refusedBy({ avatar: randomBytes(2e6).buffer })?.message, undefined, nickName);
  }
  const { refusal, passed } = await guarded('爱喝茶的小张');
  for (const megabytes of LONG ? PICTURES.sizes : [1, 6, 12]) {
    for (const alphabet of LONG || megabytes === 6 ? PICTURES.alphabets : ['standard']) {
      const data = `data:image/png;base64,${ALPHABETS[alphabet](megabytes * 1e6)}`;
      const start = performance.now();
      assert.equal(refusal({ data })?.message, undefined, `${megabytes} MB, ${alphabet}`);
      console.log(`${megabytes} MB, ${alphabet}: ${Math.round(performance.now() - start)} ms`);
    }
  }
  assert.match(refusal({ data: 'A'.repeat(13 * 1024 * 1024) })?.message, /more than the 12 MB/);
  assert.match(refusal({ data: ' !'.repeat(7 * 1024 * 1024) })?.message, /more than the 12 MB/);
  assert.equal(refusal({ data: `x ${'AAAA'.repeat(15e5)} 爱喝茶的小张` })?.code, 'display_only_forwarded');
  passed.length = 0;
  assert.equal(refusal({ data: 'small' }), undefined);
  assert.equal(passed.length, 1, 'the next call works');
});
