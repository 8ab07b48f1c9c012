/**
 * Takes events down at the moment of the call, before anything is awaited. Events belong to the page, not to one client: the
 * same object gets the same number everywhere, and is as old as its first sight.
 */

import { fieldOf as read, isObject } from './field.js';

/** How deep a framework wraps the platform's event at most. */
const MAXIMUM_WRAPPINGS = 4;

/** @type {WeakMap<object, { object: number, firstSeen: number }>} */
const seen = new WeakMap();
let last = 0;

/** By which an event says whose it is: another copy of the package keeps books of its own. */
const OWNER = Symbol.for('miniauth');
const SELF = {};

/**
 * @param {unknown} event
 * @param {{ purpose?: unknown } | undefined} options
 */
export function stamp(event, options) {
  const calledAt = Date.now();
  const purpose = options && typeof options.purpose === 'string' ? options.purpose : undefined;
  return { calledAt, purpose, event: isObject(event) ? takenDown(unwrapped(event), calledAt) : undefined };
}

/**
 * The platform's own event. Taro hands it over in an event of its own, with a time of its own at each level that it bubbles to;
 * components of uni-app and mpx tell of a tap in an event of theirs, whose detail holds it.
 *
 * @param {any} event
 */
function unwrapped(event) {
  let inner = event;
  for (let depth = 0; depth < MAXIMUM_WRAPPINGS; depth += 1) {
    const wrapped = read(inner, 'mpEvent') || carried(read(inner, 'detail'));
    if (!isObject(wrapped)) break;
    inner = wrapped;
  }
  return inner;
}

/**
 * The event in the detail of another one.
 *
 * @param {unknown} detail
 */
function carried(detail) {
  const passed = read(detail, '__args__');
  const event = Array.isArray(passed) ? passed[0] : detail;
  const isEvent = typeof read(event, 'type') === 'string' && typeof read(event, 'timeStamp') === 'number';
  // What the button says of a failure has a type too.
  return isEvent && read(event, 'errorMessage') === undefined ? event : undefined;
}

/**
 * @param {object} event
 * @param {number} now
 */
function takenDown(event, now) {
  let known = seen.get(event);
  if (!known) {
    last += 1;
    known = { object: last, firstSeen: now };
    seen.set(event, known);
  }
  const [type, timeStamp, detail] = ['type', 'timeStamp', 'detail'].map((name) => read(event, name));
  const [userInfo, encryptedData] = ['userInfo', 'encryptedData'].map((name) => read(detail, name));
  return {
    object: known.object,
    firstSeen: known.firstSeen,
    elsewhere: isElsewhere(event),
    kind: typeof type === 'string' ? type : '',
    timeStamp: typeof timeStamp === 'number' ? timeStamp : undefined,
    failure: failureIn(detail),
    phone: typeof encryptedData === 'string' ? { response: encryptedData, sign: read(detail, 'sign') } : undefined,
    shown: isObject(userInfo) ? { nickName: read(userInfo, 'nickName'), avatar: read(userInfo, 'avatar') } : undefined,
  };
}

/**
 * Whether another copy of the package took the event down before.
 *
 * @param {any} event
 */
function isElsewhere(event) {
  try {
    if (!event[OWNER]) Object.defineProperty(event, OWNER, { value: SELF });
    return event[OWNER] !== SELF;
  } catch {
    // It takes no mark.
    return false;
  }
}

/**
 * What the authorising button says when it fails, whatever the event's type.
 *
 * @param {unknown} detail
 */
function failureIn(detail) {
  const words = read(detail, 'errorMessage');
  if (words === undefined || words === null) return undefined;
  return { error: read(detail, 'error'), errorMessage: isObject(words) ? '' : String(words) };
}
