/**
 * Values that no platform should return, and some that one does. They come from a seed, so that a failure can be repeated.
 */

/** Names that the package reads, and names that must have no effect. */
const NAMES = [
  'authCode',
  'authcode',
  'authSuccessScopes',
  'authErrorScopes',
  'auth_base',
  'auth_user',
  'error',
  'errorMessage',
  'message',
  'response',
  'code',
  'subCode',
  'nickName',
  'avatar',
  'status',
  'statusCode',
  'data',
  'headers',
  'header',
  'session',
  'expires_in',
  'member',
  'stored_at',
  'nick_name',
  'detail',
  'title',
  'advice',
  'zh',
  'en',
  'toJSON',
  'toString',
  'name',
  'constructor',
  '__proto__',
  'length',
  '0',
  'abort',
];

const TEXTS = [
  '',
  'x',
  '10000',
  '40003',
  '40006',
  '11',
  '-1',
  '1e999',
  'NaN',
  '200',
  'session_expired',
  'session_unknown',
  'network',
  'platform_unsupported',
  'a'.repeat(43),
  'auth_base',
  '爱喝茶的小张',
  '张',
  '\ud800',
  '\udc00\ud800',
  '\0',
  '__proto__',
  '{"response":{"code":"10000","nickName":"爱喝茶的小张","avatar":"https://a.example/x.png"}}',
  '{"response":null}',
  '{"response":"{}"}',
  '[',
  '"',
  '1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 1 1',
];

const NUMBERS = [
  0,
  -0,
  1,
  2,
  3,
  4,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  19,
  20,
  23,
  200,
  204,
  401,
  404,
  500,
  99,
  599.5,
  600,
  -1,
  NaN,
  Infinity,
  2 ** 31,
  2 ** 53,
  1e308,
];

/** A small random generator with a seed. */
export class Dice {
  /** @param {number} seed */
  constructor(seed) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  chance(percent) {
    return this.below(100) < percent;
  }
}

/** @param {Dice} dice @param {number} [depth] */
export function hostileValue(dice, depth = 0) {
  if (depth > 4) return null;
  return dice.pick(MAKERS)(dice, depth);
}

const MAKERS = [
  () => undefined,
  () => null,
  (dice) => dice.chance(50),
  (dice) => dice.pick(NUMBERS),
  (dice) => dice.pick(TEXTS),
  (dice) => dice.pick(TEXTS).repeat(1 + dice.below(20_000)),
  (dice, depth) => Array.from({ length: dice.below(4) }, () => hostileValue(dice, depth + 1)),
  object,
  object,
  object,
  throwing,
  cyclic,
  proxy,
  thenable,
  (dice, depth) => object(dice, depth, new TypeError(dice.pick(TEXTS))),
  (dice, depth) => JSON.stringify({ response: plain(dice, depth) }),
  (dice) => dice.pick([() => {}, Symbol('s'), 10n, new Date(NaN), new Map(), /x/, new ArrayBuffer(3), new Uint8Array(2)]),
  (dice) => dice.pick([Object.create(null), Object.freeze({}), new Proxy([], {}), new Proxy(() => {}, {})]),
];

function object(dice, depth, made = dice.chance(30) ? Object.create(null) : {}) {
  for (let fields = dice.below(6); fields > 0; fields -= 1) {
    const value = hostileValue(dice, depth + 1);
    Object.defineProperty(made, dice.pick(NAMES), { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** A value that JSON can represent. */
function plain(dice, depth) {
  const made = {};
  for (let fields = dice.below(5); fields > 0; fields -= 1) made[dice.pick(NAMES)] = dice.pick([...TEXTS, ...NUMBERS, null]);
  return depth < 3 && dice.chance(30) ? { ...made, response: plain(dice, depth + 1) } : made;
}

function throwing(dice, depth) {
  const made = object(dice, depth);
  const get = () => {
    throw dice.pick([new Error('a getter'), 'a text', undefined, { error: 11 }]);
  };
  Object.defineProperty(made, dice.pick(NAMES), { get, enumerable: true, configurable: true });
  return made;
}

function cyclic(dice, depth) {
  const made = object(dice, depth);
  Object.defineProperty(made, dice.pick(NAMES), { value: made, enumerable: true, configurable: true });
  return made;
}

/** An object that throws on every access. */
function proxy() {
  const refuse = () => {
    throw new Error('a proxy');
  };
  const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set', 'defineProperty'];
  return new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, refuse])));
}

/** An object that a promise takes for another promise. */
function thenable(dice, depth) {
  const value = hostileValue(dice, depth + 1);
  const then = dice.pick([
    (resolve) => resolve(value),
    (_, reject) => reject(value),
    () => {
      throw value;
    },
  ]);
  return { then };
}
