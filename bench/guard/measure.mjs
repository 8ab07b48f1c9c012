/**
 * Runs in Node and in a browser: measures the package's guard, the hand-written search, and no search.
 */
import { BODIES, SIZES, USERS, sentBytes } from './bodies.mjs';
import { handwrittenGuard } from './handwritten.mjs';

/** How long each figure is measured, in milliseconds, and the least number of batches. */
const MEASURED = 200;
const FEWEST = 12;

/** The length of a batch in milliseconds: browsers round times to tenths of a millisecond. */
const BATCH = 2;

/** The largest bodies for finding the highest cost of a request, in megabytes of base64 within base64. */
const HEAVIEST = [1, 4, 16];

/**
 * @param {{ createAuth: Function, now: () => number }} engine
 * @param {{ users: string[], sizes: string[], plain: boolean, body?: string }} wanted one `body`, or all of a kind
 */
export async function measure({ createAuth, now }, wanted) {
  const rows = [];
  for (const user of wanted.users) {
    const info = USERS[user];
    const guarded = await guardedCall(createAuth, info);
    const handwritten = handwrittenGuard(info);
    for (const [body, { plain, make }] of Object.entries(BODIES)) {
      if (plain !== wanted.plain || (wanted.body && wanted.body !== body)) continue;
      for (const size of wanted.sizes) {
        const data = make(SIZES[size]);
        if (handwritten(data)) throw new Error(`${body} holds a value`);
        const bytes = sentBytes(data);
        rows.push({
          user,
          body,
          plain,
          size,
          bytes,
          miniauth: best(now, () => guarded({ key: 'k', data })),
          handwritten: best(now, () => handwritten(data)),
        });
      }
    }
  }
  return rows;
}

/**
 * Measures the longest time that the guard takes to pass or refuse a request, in milliseconds.
 *
 * @param {{ createAuth: Function, now: () => number }} engine
 */
export async function measureHeaviest({ createAuth, now }) {
  const [info] = Object.values(USERS);
  const guarded = await guardedCall(createAuth, info);
  const heaviest = { milliseconds: 0 };
  for (const megabytes of HEAVIEST) {
    const data = BODIES['a picture in base64 in base64'].make(megabytes * 1e6);
    let refused = false;
    const start = now();
    try {
      guarded({ key: 'k', data });
    } catch {
      refused = true;
    }
    const milliseconds = now() - start;
    if (milliseconds > heaviest.milliseconds) Object.assign(heaviest, { milliseconds, megabytes, refused });
  }
  return heaviest;
}

/** Makes a guarded platform call, on a page that knows the user's display information. */
async function guardedCall(createAuth, info) {
  const my = {
    canIUse: () => false,
    getAuthCode: ({ success }) => success({ authCode: 'code', authSuccessScopes: ['auth_user'], authErrorScopes: {} }),
    getAuthUserInfo: ({ success }) => success(info),
    setStorageSync: () => {},
    getStorageSync: () => ({}),
    removeStorageSync: () => {},
    httpRequest: () => {},
  };
  const auth = createAuth({ my, server: 'https://api.shop.example' });
  await auth.getAuthUserInfo({ type: 'tap', timeStamp: Date.now() }, { purpose: '展示昵称与头像' });
  await auth.guard();
  let refused = false;
  try {
    my.setStorageSync({ key: 'k', data: info.avatar });
  } catch {
    refused = true;
  }
  if (!refused) throw new Error('the guard does not stand in front of setStorageSync');
  return my.setStorageSync;
}

/**
 * Returns the time of one run in milliseconds, in the best of many short batches: on a machine with other load, most batches are
 * interrupted.
 */
function best(now, run) {
  const batch = (runs) => {
    const start = now();
    for (let index = 0; index < runs; index += 1) run();
    return now() - start;
  };
  let runs = 1;
  while (batch(runs) < BATCH) runs *= 2;
  let shortest = Infinity;
  const end = now() + MEASURED;
  for (let batches = 0; batches < FEWEST || now() < end; batches += 1) shortest = Math.min(shortest, batch(runs) / runs);
  return shortest;
}
