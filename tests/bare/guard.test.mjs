import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGE_PROFILES, bareEngine } from './support/engine.mjs';
import { installPacked } from './support/packed.mjs';

/**
 * The guard's first look happens in the engine, with its text search and regular expressions: here every encoding goes
 * through it, in every engine, against the platform's own calls.
 */

const AVATAR = 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH';
const CHINESE = '爱喝茶的小张😀';
const SPACED = 'Tom Lee 50% & more';
const QUOTED = String.raw`A"}{"sign":"x\ `.trim();

let installed;
before(async () => { installed = await installPacked(); });
after(() => installed.remove());

/** `my.setStorageSync` with the guard in front of it, for a user with this nickname. */
async function guardedCall(profile, nickName, avatar = AVATAR) {
  const stored = [];
  const my = {
    canIUse: () => false,
    getAuthCode: ({ success }) => success({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} }),
    getAuthUserInfo: ({ success }) => success({ nickName, avatar }),
    setStorageSync: (options) => stored.push(options),
    getStorageSync: () => ({}),
    removeStorageSync: () => {},
    httpRequest: () => {},
  };
  const { createAuth } = bareEngine(profile, installed.folder).require();
  const auth = createAuth({ my, server: 'https://api.shop.example' });
  await auth.getAuthUserInfo({ type: 'tap', timeStamp: Date.now() }, { purpose: '展示昵称与头像' });
  await auth.guard();
  return {
    stored,
    /** What the guard says of `data`: the place and the encoding, or nothing. */
    refusal(data) {
      try {
        my.setStorageSync({ key: 'k', data });
        return undefined;
      } catch (error) {
        assert.equal(error.code, 'display_only_forwarded');
        return { where: error.where, encoding: error.encoding };
      }
    },
  };
}

const units = (text, write) => Array.from({ length: text.length }, (_, at) => write(text.charCodeAt(at))).join('');
const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const utf16 = (text) => Buffer.from(text, 'utf16le');
/** Every other character encoded, the rest as it is. */
const half = (encode, must = /[\\%&"]/) => (text) =>
  Array.from(text, (character, at) => (at % 2 === 0 || must.test(character) ? encode(character) : character)).join('');
const percent = (text) => Array.from(Buffer.from(text), (byte) => `%${hex(byte, 2)}`).join('');

const ENCODERS = {
  json: (text) => units(text, (unit) => `\\u${hex(unit, 4)}`),
  'half json': half((character) => units(character, (unit) => `\\u${hex(unit, 4).toUpperCase()}`)),
  percent,
  component: encodeURIComponent,
  form: (text) => new URLSearchParams([['v', text]]).toString(),
  'half percent': half(percent, /[%]/),
  escape,
  html: (text) => Array.from(text, (character) => `&#${character.codePointAt(0)};`).join(''),
  'half html': half((character) => `&#x${hex(character.codePointAt(0), 1)};`, /[&]/),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 with something before it': (text) => Buffer.from(`{"n":"${text}"}`).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
};

/** Two encodings each, so that nothing else goes inside. */
const DOUBLE_ENCODERS = {
  'base64 of UTF-16': (text) => utf16(text).toString('base64'),
  'hexadecimal of UTF-16': (text) => utf16(text).swap16().toString('hex').toUpperCase(),
};

const PLACES = {
  'setStorageSync.data': (text) => text,
  'setStorageSync.data.user.list[1]': (text) => ({ user: { list: ['', text], empty: {} } }),
  'setStorageSync.data.text': (text) => ({ text: `一段话 with words\n and "quotes" around ${text} it` }),
  'setStorageSync.data.file': (text) => ({ file: new TextEncoder().encode(`\u0000${text}`).buffer }),
  'setStorageSync.data.view': (text) => ({ empty: {}, view: new Uint8Array([1, 2, ...Buffer.from(text)]).subarray(1) }),
};

for (const profile of PAGE_PROFILES) {
  test(`${profile}: whatever is encoded, once or twice, is refused wherever it stands`, async () => {
    for (const nickName of [CHINESE, SPACED, QUOTED, 'Moon']) {
      const guard = await guardedCall(profile, nickName);
      for (const value of [nickName, AVATAR]) {
        const sent = [value, ...Object.values(DOUBLE_ENCODERS).map((encode) => encode(value))];
        for (const inner of Object.values(ENCODERS)) {
          sent.push(inner(value));
          for (const outer of Object.values(ENCODERS)) sent.push(outer(inner(value)));
        }
        for (const text of sent) {
          for (const [place, put] of Object.entries(PLACES)) {
            assert.equal(guard.refusal(put(text))?.where, place, `${nickName}: ${value} as ${text}`);
          }
        }
      }
      assert.deepEqual(guard.stored, [], 'nothing was stored');
    }
  });

  test(`${profile}: what holds nothing passes, as it was`, async () => {
    const guard = await guardedCall(profile, CHINESE);
    const bodies = [
      'plain words, 100% & more + a \\ and a\nline',
      { order: { trade_no: '2026112122001412345678901234', note: '请放在门口', empty: {}, list: [] }, paid: true, price: 1.5 },
      { token: Buffer.from('someone else entirely, and at some length').toString('base64') },
      { file: new Uint8Array([1, 2, 3]).buffer },
      { profile: { nickName: '别人的昵称', avatar: 'https://a.example/b.png' } },
      null,
      undefined,
      7,
    ];
    for (const data of bodies) assert.equal(guard.refusal(data), undefined, JSON.stringify(data));
    assert.equal(guard.stored.length, bodies.length);
  });

  test(`${profile}: a short nickname counts under a name, and with the user's default avatar`, async () => {
    const guard = await guardedCall(profile, '张伟', 'https://a.example/default.png');
    assert.equal(guard.refusal({ receiver: '张伟' }), undefined);
    assert.equal(guard.refusal({ icon: 'https://a.example/default.png' }), undefined);
    assert.equal(guard.refusal({ receiver: '张伟', icon: 'https://a.example/default.png' }).where, 'setStorageSync.data.receiver');
    assert.equal(guard.refusal({ nickName: '张伟' }).where, 'setStorageSync.data.nickName');
    assert.equal(guard.refusal({ nickName: percent('张伟') }).encoding, 'percent');
    assert.equal(guard.refusal({ nickName: Buffer.from('张伟').toString('base64') }).encoding, 'base64');
    const hidden = Buffer.from(JSON.stringify({ nickName: '张伟' })).toString('base64');
    assert.equal(guard.refusal({ x: hidden }).encoding, 'base64');
  });

  test(`${profile}: a value in another normal form is the same value`, async () => {
    const guard = await guardedCall(profile, 'Café Ångström');
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
      assert.equal(guard.refusal({ by: percent('Café Ångström'.normalize(form)) }).where, 'setStorageSync.data.by', form);
    }
  });
}
