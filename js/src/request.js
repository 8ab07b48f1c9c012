import { optionsInvalid } from './error.js';
import { read, wrong } from './options.js';
import { snapshot } from './snapshot.js';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const SESSIONS = ['required', 'if-present', 'none'];
const ABSOLUTE = /^https?:\/\/./i;
const RELATIVE = /^\/(?!\/)/;

/** Options of every transport. */
const COMMON = ['url', 'headers', 'timeout', 'session', 'typed'];

/**
 * Further options by transport.
 *
 * @type {Record<string, string[]>}
 */
const CALLS = {
  httpRequest: ['data', 'method', 'dataType', 'isExpired'],
  uploadFile: ['filePath', 'name', 'fileType', 'formData', 'hideLoading', 'onProgress', 'onHeaders', 'isExpired'],
  downloadFile: ['filePath', 'onProgress', 'onHeaders'],
  connectSocket: ['data', 'protocols', 'onMessage', 'onError', 'onClose'],
};

/**
 * Captures a request before anything is awaited: later changes to `options` have no effect.
 *
 * @param {string} operation
 * @param {string} server
 * @param {unknown} options
 * @param {import('./control.js').Control} control receives the page's callbacks
 */
export function takeDown(operation, server, options, control) {
  const isRequest = operation === 'httpRequest';
  const isUpload = operation === 'uploadFile';
  const check = (/** @type {boolean} */ holds, /** @type {string} */ what) => {
    if (!holds) throw optionsInvalid(`${operation}: ${what}`);
  };
  if (typeof options !== 'object' || options === null) throw wrong(`${operation}: options must be an object with a url`, options);
  const given = read(operation, options, COMMON.concat(CALLS[operation]));
  const { url, headers: named, session = 'required', timeout, typed = [], dataType = 'json', isExpired, ...rest } = given;
  const { method: wanted = isRequest ? 'GET' : 'POST', ...sent } = rest;
  const method = String(wanted).toUpperCase();
  const most = isRequest ? 60000 : 600000;
  const address = whole(operation, server, url);
  check(METHODS.includes(method), `method must be one of ${METHODS.join(', ')}`);
  check(SESSIONS.includes(String(session)), `session must be one of ${SESSIONS.join(', ')}`);
  check(
    timeout === undefined || (typeof timeout === 'number' && timeout >= 0 && timeout <= most),
    `timeout must be a number of milliseconds from 0 to ${most}`,
  );
  check(isListOfStrings(typed), "typed must be a list of paths such as ['data.receiver']");
  check(isExpired === undefined || typeof isExpired === 'function', 'isExpired must be a function');
  check(typeof dataType === 'string', 'dataType must be a string');
  control.heard = given;
  const headers = takeHeaders(named, check);
  if (isRequest && method !== 'GET' && !headers['content-type']) headers['content-type'] = 'application/json';
  return {
    operation,
    url: address,
    method,
    session,
    timeout,
    dataType,
    typed,
    isExpired,
    headers,
    data: snapshot(isRequest ? sent.data : sent, 'data'),
    call: isRequest ? undefined : operation,
    // For the others the platform does not report the server's status.
    confirm: !isRequest && !isUpload,
  };
}

/**
 * Returns an absolute address. A leading slash means below `server`; a WebSocket's scheme is replaced by the handshake's.
 *
 * @param {string} call
 * @param {string} server
 * @param {unknown} url
 */
export function whole(call, server, url) {
  if (typeof url === 'string') {
    if (RELATIVE.test(url)) return server.replace(/\/+$/, '') + url;
    const address = call === 'connectSocket' ? url.replace(/^ws/i, 'http') : url;
    if (ABSOLUTE.test(address)) return address;
  }
  throw wrong(`${call}: url must be an absolute URL (https://api.example.com/orders) or a path below server (/orders)`, url);
}

/**
 * Copies the headers. The content type is always set, because the platform's two calls differ in their default: once, and under the name
 * that the platform checks, or it would add its default as well.
 *
 * @param {unknown} headers
 * @param {(holds: boolean, what: string) => void} check
 */
function takeHeaders(headers, check) {
  /** @type {Record<string, string>} */
  const taken = {};
  for (const [name, value] of Object.entries(headers || {})) {
    check(typeof value === 'string', `header ${name} must be a string`);
    const lower = name.toLowerCase();
    check(lower !== 'authorization', 'header authorization cannot be set: miniauth adds it');
    check(lower !== 'version', 'header version cannot be set: the platform rejects it');
    taken[lower === 'content-type' ? lower : name] = value;
  }
  return taken;
}

/** @param {unknown} value */
function isListOfStrings(value) {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
