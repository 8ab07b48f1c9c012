/**
 * Captures events at the moment of the call, before anything is awaited. Events belong to the page, not to a client: the same object gets
 * the same number everywhere, and its age counts from when it was first seen.
 */

import { fieldOf as read, isObject } from './field.js';

/** The maximum number of framework wrappers around the platform's event. */
const MAXIMUM_WRAPPINGS = 4;

/** @type {WeakMap<object, { object: number, firstSeen: number }>} */
const seen = new WeakMap();
let last = 0;

/** Marks an event's owner: another copy of the package keeps its own records. */
const OWNER = Symbol.for('miniauth');
const SELF = {};

/**
 * Captures an event and the options of its call.
 *
 * @param {unknown} event
 * @param {{ purpose?: unknown } | undefined} options
 */
export function stamp(event, options) {
  const calledAt = Date.now();
  const purpose = options && typeof options.purpose === 'string' ? options.purpose : undefined;
  return { calledAt, purpose, event: isObject(event) ? takenDown(unwrapped(event), calledAt) : undefined };
}

/**
 * Unwraps the platform's event. Taro passes it in an event of its own, with a new time at each level of bubbling; components of uni-app and
 * mpx fire an event of their own with the tap in its detail.
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
 * Returns the event in another event's detail.
 *
 * @param {unknown} detail
 */
function carried(detail) {
  const passed = read(detail, '__args__');
  const event = Array.isArray(passed) ? passed[0] : detail;
  const isEvent = typeof read(event, 'type') === 'string' && typeof read(event, 'timeStamp') === 'number';
  // The button's failure detail has a type too.
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
 * Whether another copy of the package has captured the event before.
 *
 * @param {any} event
 */
function isElsewhere(event) {
  try {
    if (!event[OWNER]) Object.defineProperty(event, OWNER, { value: SELF });
    return event[OWNER] !== SELF;
  } catch {
    // The event cannot be marked.
    return false;
  }
}

/**
 * Returns the authorising button's failure, whatever the event's type.
 *
 * @param {unknown} detail
 */
function failureIn(detail) {
  const words = read(detail, 'errorMessage');
  if (words === undefined || words === null) return undefined;
  return { error: read(detail, 'error'), errorMessage: isObject(words) ? '' : String(words) };
}
