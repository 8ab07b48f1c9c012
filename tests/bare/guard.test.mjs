import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { platform } from '../../platform/index.mjs';
import { HOSTS, ENGINES, bareEngine, everywhere } from './support/engine.mjs';
import { installPacked } from './support/packed.mjs';

/**
 * The guard's first check uses the engine's text search and regular expressions, so every encoding is tested here in every engine, against
 * the platform's own calls.
 */

const AVATAR = 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH';
const CHINESE = '爱喝茶的小张😀';
const SPACED = 'Tom Lee 50% & more';
const QUOTED = String.raw`A"}{"sign":"x\ `.trim();

let installed;
before(async () => {
  installed = await installPacked();
});
after(() => installed.remove());

/** Creates the guard in front of the platform's calls, for a user with this nickname. */
async function guarded(profile, nickName, avatar, calls) {
  const my = {
    canIUse: () => false,
    getAuthCode: ({ success }) => success({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} }),
    getAuthUserInfo: ({ success }) => success({ nickName, avatar }),
    ...calls,
  };
  const engine = bareEngine(profile, installed.folder);
  const auth = engine.require().createAuth({ my, server: 'https://api.shop.example', ...engine.options });
  await auth.getAuthUserInfo({ type: 'tap', timeStamp: Date.now() }, { purpose: '展示昵称与头像' });
  return { my, report: await auth.guard(), again: () => auth.guard() };
}

/** Calls the storage: synchronously if the module runs in page logic; otherwise waits for the Worker. */
const STORE = (profile) => (HOSTS[profile] === 'worker' ? 'setStorage' : 'setStorageSync');

async function guardedCall(profile, nickName, avatar = AVATAR) {
  const stored = [];
  const name = STORE(profile);
  const store = (options) => {
    stored.push(options);
    if (options.success) options.success();
  };
  const { my } = await guarded(profile, nickName, avatar, { [name]: store });
  const atOnce = (data) => {
    try {
      my[name]({ key: 'k', data });
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const later = (data) => new Promise((resolve) => void my[name]({ key: 'k', data, success: resolve, fail: resolve }));
  return {
    stored,
    /** Returns what the guard reports for `data`: place and encoding, or undefined. */
    async refusal(data) {
      const error = await (name === 'setStorage' ? later : atOnce)(data);
      if (!error) return undefined;
      assert.equal(error.code, 'display_only_forwarded');
      return { where: error.where.replace(name, 'stored'), encoding: error.encoding };
    },
  };
}

const units = (text, write) => Array.from({ length: text.length }, (_, at) => write(text.charCodeAt(at))).join('');
const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const utf16 = (text) => Buffer.from(text, 'utf16le');
/** Encodes every other character. */
const half =
  (encode, must = /[\\%&"]/) =>
  (text) =>
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

/** Two encodings each, so nothing else is nested inside. */
const DOUBLE_ENCODERS = {
  'base64 of UTF-16': (text) => utf16(text).toString('base64'),
  'hexadecimal of UTF-16': (text) => utf16(text).swap16().toString('hex').toUpperCase(),
};

const PLACES = {
  'stored.data': (text) => text,
  'stored.data.user.list[1]': (text) => ({ user: { list: [null, text], empty: {} } }),
  'stored.data.text': (text) => ({ text: `一段话 with words\n and "quotes" around ${text} it` }),
  'stored.data.file': (text) => ({ file: new TextEncoder().encode(`\u0000${text}`).buffer }),
  'stored.data.view': (text) => ({ empty: {}, view: new Uint8Array([1, 2, ...Buffer.from(text)]).subarray(1) }),
};

for (const profile of ENGINES) {
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
            assert.equal((await guard.refusal(put(text)))?.where, place, `${nickName}: ${value} as ${text}`);
          }
        }
      }
      assert.deepEqual(guard.stored, [], 'nothing was stored');
    }
  });

  test(`${profile}: data without display information passes unchanged`, async () => {
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
    for (const data of bodies) assert.equal(await guard.refusal(data), undefined, JSON.stringify(data));
    assert.equal(guard.stored.length, bodies.length);
  });

  test(`${profile}: a short nickname counts under a name, and with the user's default avatar`, async () => {
    const guard = await guardedCall(profile, '张伟', 'https://a.example/default.png');
    assert.equal(await guard.refusal({ receiver: '张伟' }), undefined);
    assert.equal(await guard.refusal({ icon: 'https://a.example/default.png' }), undefined);
    const both = { receiver: '张伟', icon: 'https://a.example/default.png' };
    assert.equal((await guard.refusal(both)).where, 'stored.data.receiver');
    assert.equal((await guard.refusal({ nickName: '张伟' })).where, 'stored.data.nickName');
    assert.equal((await guard.refusal({ nickName: percent('张伟') })).encoding, 'percent');
    assert.equal((await guard.refusal({ nickName: Buffer.from('张伟').toString('base64') })).encoding, 'base64');
    const hidden = Buffer.from(JSON.stringify({ nickName: '张伟' })).toString('base64');
    assert.equal((await guard.refusal({ x: hidden })).encoding, 'base64');
  });

  test(`${profile}: a value in another normal form is the same value`, async () => {
    const guard = await guardedCall(profile, 'Café Ångström');
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
      const data = { by: percent('Café Ångström'.normalize(form)) };
      assert.equal((await guard.refusal(data)).where, 'stored.data.by', form);
    }
  });
}

/** How the nickname gets into a call that has no field `data` in its options. */
const PASSING = {
  request: [(text) => [{ url: 'https://a.example/', headers: { 'x-name': text } }], 'request.headers.x-name'],
  uploadFile: [(text) => [{ url: 'https://a.example/', formData: { name: text } }], 'uploadFile.formData.name'],
  connectSocket: [(text) => [{ url: `wss://a.example/?name=${text}` }], 'connectSocket.url'],
  closeSocket: [(text) => [{ code: 4000, reason: text }], 'closeSocket.reason'],
  'SocketTask.close': [(text) => [{ code: 4000, reason: text }], 'SocketTask.close.reason'],
  setStorageSync: [(text) => [{ key: text, data: 1 }], 'setStorageSync.key'],
  navigateToMiniProgram: [(text) => [{ appId: '1', extraData: { text } }], 'navigateToMiniProgram.extraData.text'],
  reportAnalytics: [(text) => ['tap', { who: text }], 'reportAnalytics[1].who'],
  call: [(text) => ['openSomething', { who: text }], 'call[1].who'],
};

/** Every platform call through which something can leave the page. */
const OUTGOING = Object.entries(platform.calls.calls)
  .filter(([, call]) => call.outgoing)
  .map(([name, { outgoing }]) => ({ name: name.replace('*', 'request'), guarded: outgoing.guard === true }));

/** Finds the call that creates an object with outgoing methods: `connectSocket` for `SocketTask.send`. */
const makerOf = (name) => Object.keys(platform.calls.calls).find((maker) => platform.calls.calls[maker].returns === name.split('.')[0]);

/** A platform with all of them; created objects are new each time. */
function platformWithAll(made) {
  const my = {};
  for (const { name } of OUTGOING) {
    const method = (...passed) => void made.push([name, ...passed]);
    const maker = makerOf(name);
    const [key, ...path] = name.split('.').reverse();
    if (maker) {
      const earlier = my[maker];
      my[maker] = (...passed) => ({ ...earlier?.(...passed), [key]: method });
    } else {
      path.reverse().reduce((owner, part) => (owner[part] ??= {}), my)[key] = method;
    }
  }
  return my;
}

/** Returns the function that page code calls, after `guard()`. */
function callNamed(my, name) {
  const maker = makerOf(name);
  const [key, ...path] = name.split('.').reverse();
  const owner = maker ? my[maker]({ url: 'wss://a.example/', multiple: true }) : path.reverse().reduce((at, part) => at[part], my);
  return (...passed) => owner[key](...passed);
}

/** Waits for the Worker. */
async function until(isDone) {
  for (let looks = 0; !isDone() && looks < 1000; looks += 1) await new Promise((resolve) => void setTimeout(resolve, 2));
}

everywhere('guard() covers every call that lets something out, and names those that it cannot', async (profile) => {
  const made = [];
  const { my, report } = await guarded(profile, CHINESE, AVATAR, platformWithAll(made));
  const cannotWait = (name) => HOSTS[profile] === 'worker' && name.endsWith('Sync');
  const expected = (covered) => OUTGOING.filter(({ name, guarded: can }) => (can && !cannotWait(name)) === covered).map(({ name }) => name);
  assert.deepEqual([...report.covered].sort(), expected(true).sort());
  assert.deepEqual([...report.uncovered].map(({ name }) => name).sort(), expected(false).sort());
  for (const { name, reason } of report.uncovered) assert.ok(reason.length > 10, name);
  // Some take no callbacks, and a Worker's check is too late to throw: it is reported on the console.
  const console = mock.method(globalThis.console, 'error', () => {});
  for (const name of report.covered) {
    const [passing, place] = PASSING[name] ?? [(text) => [{ data: `hello ${text}` }], `${name}.data`];
    const target = callNamed(my, name);
    // Creating it may itself be a guarded call.
    if (report.covered.includes(makerOf(name))) await until(() => made.length > 0);
    made.length = 0;
    const call = async (text) => {
      const told = [];
      const [options, ...others] = passing(text);
      const fail = (error) => void told.push(error);
      try {
        target(typeof options === 'string' ? options : { ...options, fail }, ...others);
      } catch (error) {
        fail(error);
      }
      await until(() => told.length + made.length + console.mock.callCount() > 0);
      const logged = console.mock.calls.map(({ arguments: [error] }) => error);
      console.mock.resetCalls();
      return [...told, ...logged];
    };
    const [refused, ...more] = await call(CHINESE);
    assert.deepEqual([refused?.code, refused?.where, more], ['display_only_forwarded', place, []], name);
    assert.deepEqual(made, [], `${name} was not called`);
    assert.deepEqual(await call('nobody'), []);
    assert.equal(made.pop()?.[0], name, 'what holds nothing passes');
  }
  console.mock.restore();
});

everywhere('guard() passes functions on, guards once however often it is called, and names what cannot be replaced', async (profile) => {
  const made = [];
  const fixed = Object.freeze({ callFunction: () => {} });
  const calls = { call: (...passed) => void made.push(passed), cloud: fixed, connectSocket: () => Object.freeze({ send() {} }) };
  const { my, report, again } = await guarded(profile, CHINESE, AVATAR, calls);
  const { call, connectSocket } = my;
  assert.deepEqual(JSON.parse(JSON.stringify(await again())), JSON.parse(JSON.stringify(report)));
  assert.deepEqual([my.call, my.connectSocket], [call, connectSocket], 'guarded once');
  const callback = () => {};
  my.call('getSomething', { key: 1 }, callback);
  await until(() => made.length > 0);
  assert.equal(made[0][2], callback);
  // A page's own function exists on every platform.
  const share = 'Page.onShareAppMessage';
  assert.deepEqual(
    [...report.uncovered].map(({ name }) => name),
    ['cloud.callFunction', share],
  );
  assert.match(report.uncovered[0].reason, /cannot be replaced/);
  assert.ok(report.covered.includes('SocketTask.send'));
  if (HOSTS[profile] === 'worker') return;
  my.connectSocket({ url: 'wss://a.example/', multiple: true });
  assert.deepEqual(
    [...report.uncovered].map(({ name }) => name),
    ['cloud.callFunction', share, 'SocketTask.send'],
  );
});

everywhere('guard() checks and passes on one snapshot: getters, toJSON and later changes do not slip past', async (profile) => {
  const made = [];
  const { my } = await guarded(profile, CHINESE, AVATAR, { request: (options) => void made.push(options) });
  let reads = 0;
  const data = {
    get who() {
      reads += 1;
      return reads === 1 ? 'nobody' : CHINESE;
    },
    inner: { toJSON: () => (reads === 1 ? ['nobody'] : [CHINESE]) },
    list: ['nobody'],
  };
  const success = () => {};
  my.request({ url: 'https://a.example/', data, success });
  data.list[0] = CHINESE;
  await until(() => made.length > 0);
  assert.deepEqual(JSON.parse(JSON.stringify(made)), [
    { url: 'https://a.example/', data: { who: 'nobody', inner: ['nobody'], list: ['nobody'] } },
  ]);
  assert.equal(made[0].success, success);
  assert.equal(reads, 1);
  const hidden = await new Promise(
    (fail) => void my.request({ url: 'https://a.example/', data: { toJSON: () => ({ n: CHINESE }) }, fail }),
  );
  assert.deepEqual([hidden.code, hidden.where], ['display_only_forwarded', 'request.data.n']);
});
