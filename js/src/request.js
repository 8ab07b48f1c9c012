import { optionsInvalid } from './error.js';
import { read, wrong } from './options.js';
import { snapshot } from './snapshot.js';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const SESSIONS = ['required', 'if-present', 'none'];
const ABSOLUTE = /^https?:\/\/./i;
const OPTIONS = ['url', 'method', 'headers', 'data', 'timeout', 'dataType', 'session', 'typed', 'isExpired'];

/**
 * Takes a request down, before anything is awaited: later changes to `options` do not reach it.
 *
 * @param {unknown} options
 */
export function takeDown(options) {
  if (typeof options !== 'object' || options === null) throw wrong('httpRequest takes an object with a url', options);
  const given = read('httpRequest', options, OPTIONS);
  const { url, session = 'required', timeout, dataType = 'json', typed = [], isExpired } = given;
  const method = given.method === undefined ? 'GET' : String(given.method).toUpperCase();
  if (typeof url !== 'string' || !ABSOLUTE.test(url)) {
    throw wrong('httpRequest: url is a string such as https://api.example.com/orders, a whole address', url);
  }
  check(METHODS.includes(method), `method is one of ${METHODS.join(', ')}`);
  check(SESSIONS.includes(String(session)), `session is one of ${SESSIONS.join(', ')}`);
  check(
    timeout === undefined || (typeof timeout === 'number' && timeout >= 0 && timeout <= 60000),
    'timeout is a number of milliseconds, 0 to 60000',
  );
  check(isListOfStrings(typed), "typed is a list of paths such as ['data.receiver']");
  check(isExpired === undefined || typeof isExpired === 'function', 'isExpired is a function of the response');
  check(typeof dataType === 'string', 'dataType is a string');
  const taken = { url, method, session, timeout, dataType, typed, isExpired };
  return { ...taken, headers: takeHeaders(given.headers, method), data: snapshot(given.data, 'data') };
}

/**
 * The platform's two calls differ in their default content type, so it is always set: once, and under the name that the
 * platform looks for, lest it adds its default beside it.
 *
 * @param {unknown} headers
 * @param {string} method
 */
function takeHeaders(headers, method) {
  /** @type {Record<string, string>} */
  const taken = {};
  for (const [name, value] of Object.entries(headers || {})) {
    check(typeof value === 'string', `header ${name} is a string`);
    const lower = name.toLowerCase();
    check(lower !== 'authorization', 'headers hold no authorization: the session is added by miniauth');
    check(lower !== 'version', 'headers hold no version: the platform rejects a header of that name');
    taken[lower === 'content-type' ? lower : name] = value;
  }
  if (!taken['content-type'] && method !== 'GET') taken['content-type'] = 'application/json';
  return taken;
}

/** @param {unknown} value */
function isListOfStrings(value) {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * @param {boolean} holds
 * @param {string} what
 */
function check(holds, what) {
  if (!holds) throw optionsInvalid(`httpRequest: ${what}`);
}
