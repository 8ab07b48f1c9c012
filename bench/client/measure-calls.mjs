/**
 * Runs in Node and in a browser: makes requests by the package and by the platform's bare call, in turn.
 */
import { BODIES } from '../guard/bodies.mjs';
import { handwrittenGuard } from '../guard/handwritten.mjs';

/** The number of requests of each kind. */
const TURNS = 400;

/** The calls in a batch without waiting, and the number of batches. */
const BATCH = 100;
const BATCHES = 30;

/** How long `measureOne` measures each kind, in milliseconds, and the least number of runs. */
const LIMITED = 300;
const FEWEST = 60;

const SIZES = { '1 KB': 1e3, '100 KB': 1e5 };
const USER = { nickName: '爱喝茶的小张', avatar: 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH' };

/**
 * @param {Function} createAuth
 * @param {string} origin of the app's own server
 * @returns {Promise<{ body: string, bare: number, guarded: number, alone: number }[]>} milliseconds for a request; `alone`
 *   is what the package adds when the platform answers at once
 */
export async function measure(createAuth, origin) {
  const connected = platform((options) => overConnection(options));
  const instant = platform(async () => ({ status: 200, data: {}, headers: {} }));
  const [overLoopback, atOnce] = [await loggedIn(createAuth, connected, origin), await loggedIn(createAuth, instant, origin)];
  const rows = [];
  for (const [body, size] of Object.entries(SIZES)) {
    const data = BODIES['orders, an object'].make(size);
    const [bare, guarded] = await inTurns(
      () => bareCall(connected, origin, data),
      () => overLoopback.httpRequest(request(origin, data)),
    );
    const [without, withGuard] = [
      await best(() => bareCall(instant, origin, data)),
      await best(() => atOnce.httpRequest(request(origin, data))),
    ];
    rows.push({ body, bare, guarded, alone: withGuard - without });
  }
  return rows;
}

const request = (origin, data) => ({ url: `${origin}/orders`, method: 'POST', data });

function bareCall(my, origin, data) {
  return new Promise((resolve, reject) => {
    my.httpRequest({
      ...request(origin, data),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${'x'.repeat(43)}` },
      dataType: 'json',
      success: resolve,
      fail: reject,
    });
  });
}

async function overConnection({ url, method, headers, data }) {
  const body = typeof data === 'string' ? data : JSON.stringify(data);
  const response = await fetch(url, { method, headers, body });
  return { status: response.status, data: await response.json(), headers: {} };
}

function platform(answer) {
  return {
    canIUse: () => false,
    getAuthCode: ({ success }) => success({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} }),
    getAuthUserInfo: ({ success }) => success(USER),
    setStorageSync: () => {},
    getStorageSync: () => ({}),
    removeStorageSync: () => {},
    httpRequest: (options) => {
      const isLogin = options.url.endsWith('/auth');
      const answered = isLogin ? Promise.resolve({ status: 200, data: LOGIN, headers: {} }) : answer(options);
      answered.then(options.success, options.fail);
      return { abort: () => {} };
    },
  };
}

const LOGIN = { session: 'x'.repeat(43), expires_in: 3600, member: null };

/** Makes a page that knows the user's display information and has a session. */
async function loggedIn(createAuth, my, origin) {
  const auth = createAuth({ my, server: origin });
  await auth.getAuthUserInfo({ type: 'tap', timeStamp: Date.now() }, { purpose: '展示昵称与头像' });
  await auth.login();
  const refusal = await auth.httpRequest(request(origin, { name: USER.nickName })).then(
    () => undefined,
    (error) => error.code,
  );
  if (refusal !== 'display_only_forwarded') throw new Error(`the guard let the nickname pass: ${refusal}`);
  return auth;
}

/**
 * Measures a request without waiting, in an engine that may be slow: by the package, and by the platform's bare call after a
 * hand-written search.
 *
 * @param {Function} createAuth
 * @param {string} origin
 * @param {number} size of the body, in bytes
 * @returns {Promise<{ guarded: number, byHand: number }>} milliseconds
 */
export async function measureOne(createAuth, origin, size) {
  const instant = platform(async () => ({ status: 200, data: {}, headers: {} }));
  const auth = await loggedIn(createAuth, instant, origin);
  const search = handwrittenGuard(USER);
  const data = BODIES['orders, an object'].make(size);
  const byHand = () => {
    if (search(data)) throw new Error('the body holds a value');
    return bareCall(instant, origin, data);
  };
  return { guarded: await bestInTime(() => auth.httpRequest(request(origin, data))), byHand: await bestInTime(byHand) };
}

/** Returns the best of the runs that there is time for, but of a few at least: one garbage collection can take longer than that time. */
async function bestInTime(call) {
  let least = Infinity;
  const end = performance.now() + LIMITED;
  for (let calls = 0; calls < FEWEST || performance.now() < end; calls += 1) {
    const start = performance.now();
    await call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Returns the median time. */
async function inTurns(...calls) {
  const times = calls.map(() => []);
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [index, call] of calls.entries()) {
      const start = performance.now();
      await call();
      times[index].push(performance.now() - start);
    }
  }
  return times.map((taken) => taken.sort((a, b) => a - b)[TURNS >> 1]);
}

async function best(call) {
  let shortest = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const start = performance.now();
    for (let index = 0; index < BATCH; index += 1) await call();
    shortest = Math.min(shortest, (performance.now() - start) / BATCH);
  }
  return shortest;
}
