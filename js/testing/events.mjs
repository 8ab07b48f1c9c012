let last = 0;

/** Time stamps are unique, because nobody taps twice in one millisecond. */
function event(type, detail, fields) {
  last = Math.max(Date.now(), last + 1);
  return { type, timeStamp: last, target: { dataset: {} }, currentTarget: { dataset: {} }, detail, ...fields };
}

/** @type {typeof import('../testing.js').tap} */
export function tap(fields = {}) {
  return event('tap', {}, fields);
}

/** The platform's message if the person refuses. */
const REFUSED = '用户取消授权';

/** @type {typeof import('../testing.js').authorizeEvent} */
export function authorizeEvent({ refused = false, message = REFUSED, ...fields } = {}) {
  return refused ? event('error', { type: 'getAuthorize', errorMessage: message }, fields) : event('getAuthorize', {}, fields);
}

/** @type {typeof import('../testing.js').phoneEvent} */
export function phoneEvent({ refused = false, message = REFUSED, encryptedData = 'ZmFrZQ==', sign = 'ZmFrZQ==', ...fields } = {}) {
  return refused
    ? event('error', { type: 'getAuthorize', errorMessage: message }, fields)
    : event('getPhoneNumber', { encryptedData, sign }, fields);
}
