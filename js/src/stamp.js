/**
 * Takes events down at the moment of the call, before anything is awaited. Events belong to the page, not to one client: the
 * same object gets the same number everywhere, and is as old as its first sight.
 */

/** How deep a framework wraps the platform's event at most. */
const MAXIMUM_WRAPPINGS = 4;

/** @type {WeakMap<object, { object: number, firstSeen: number }>} */
const seen = new WeakMap();
let last = 0;

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
 * The platform's own event: Taro hands it over in an event of its own, with another time.
 *
 * @param {any} event
 */
function unwrapped(event) {
  let inner = event;
  for (let depth = 0; depth < MAXIMUM_WRAPPINGS && isObject(inner.mpEvent); depth += 1) inner = inner.mpEvent;
  return inner;
}

/**
 * @param {{ type?: unknown, timeStamp?: unknown, detail?: any }} event
 * @param {number} now
 */
function takenDown(event, now) {
  const { type, timeStamp, detail } = event;
  let known = seen.get(event);
  if (!known) {
    last += 1;
    known = { object: last, firstSeen: now };
    seen.set(event, known);
  }
  return {
    object: known.object,
    firstSeen: known.firstSeen,
    kind: typeof type === 'string' ? type : '',
    timeStamp: typeof timeStamp === 'number' ? timeStamp : undefined,
    failure: isObject(detail) ? failureIn(detail) : undefined,
    shown: isObject(detail) && isObject(detail.userInfo) ? shownIn(detail.userInfo) : undefined,
  };
}

/**
 * What the authorising button says when it fails, whatever the event's type.
 *
 * @param {{ error?: unknown, errorMessage?: unknown }} detail
 */
function failureIn({ error, errorMessage }) {
  return errorMessage === undefined || errorMessage === null ? undefined : { error, errorMessage: String(errorMessage) };
}

/**
 * What the authorising button's `getUserInfo` carries.
 *
 * @param {{ nickName?: unknown, avatar?: unknown }} userInfo
 */
function shownIn({ nickName, avatar }) {
  return { nickName, avatar };
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}
