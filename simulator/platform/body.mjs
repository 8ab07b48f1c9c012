import { isArrayBuffer, jsonCopy } from './plain.mjs';

/** Encodes request data and decodes responses, as the platform does. */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8');
const strictDecoder = new TextDecoder('utf-8', { fatal: true });

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const DATA_TYPES = ['json', 'text', 'base64', 'arraybuffer'];
const LONGEST_TIMEOUT = 60_000;
const DEFAULT_TIMEOUT = 30_000;

/**
 * Checks and encodes a request.
 *
 * @param {any} options of `my.httpRequest` or `my.request`
 * @param {string} defaultContentType
 * @typedef {object} EncodedRequest
 * @property {string} url
 * @property {string} method
 * @property {[string, string][]} headers
 * @property {Uint8Array | null} body
 * @property {number} timeout in milliseconds
 * @property {string} dataType
 *
 * @returns {EncodedRequest}
 * @throws {TypeError} for invalid parameters (error 2)
 */
export function encodeRequest(options, defaultContentType) {
  const { url, method = 'GET', data, timeout = DEFAULT_TIMEOUT, dataType = 'json' } = options;
  if (typeof url !== 'string' || url === '') throw new TypeError('url must be a string');
  const verb = String(method).toUpperCase();
  if (!METHODS.includes(verb)) throw new TypeError(`this simulator sends ${METHODS.join(', ')}, not ${verb}`);
  if (!DATA_TYPES.includes(dataType)) throw new TypeError(`dataType must be one of ${DATA_TYPES.join(', ')}`);
  if (typeof timeout !== 'number' || !(timeout >= 0 && timeout <= LONGEST_TIMEOUT)) {
    throw new TypeError(`timeout must be 0 to ${LONGEST_TIMEOUT} ms`);
  }
  const headers = checkHeaders(options.headers ?? options.header ?? {}, defaultContentType);
  const common = { method: verb, headers, timeout: timeout || DEFAULT_TIMEOUT, dataType };
  if (verb === 'GET') return { ...common, url: appendQuery(url, data), body: null };
  const [, contentType] = headers.find(([name]) => name === 'content-type');
  return { ...common, url, body: encodeBody(data, contentType) };
}

/**
 * Checks page code's headers and adds the call's default content type, unless page code set `content-type` in exactly this spelling: a
 * capitalised one is sent next to it.
 *
 * @param {Record<string, string>} given
 * @param {string} [defaultContentType]
 * @returns {[string, string][]}
 * @throws {TypeError}
 */
export function checkHeaders(given, defaultContentType) {
  const headers = [];
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw new TypeError(`the header ${name} must be a string`);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value)) {
      throw new TypeError(`the header ${JSON.stringify(name)} is not valid`);
    }
    headers.push([name, value]);
  }
  const added = defaultContentType !== undefined && !headers.some(([name]) => name === 'content-type');
  if (added) headers.push(['content-type', defaultContentType]);
  return headers;
}

function encodeBody(data, contentType) {
  if (data === undefined || data === null) return null;
  if (isArrayBuffer(data)) return new Uint8Array(data.slice(0));
  if (typeof data === 'string') return encoder.encode(data);
  if (typeof data !== 'object') throw new TypeError('data must be an object, a string or an ArrayBuffer');
  if (contentType.startsWith('application/json')) return encoder.encode(JSON.stringify(data));
  if (contentType.startsWith('application/x-www-form-urlencoded')) return encoder.encode(queryString(data));
  throw new TypeError(`an object cannot be sent as ${contentType}`);
}

/** Appends `data` to an address as its query. @param {string} url @param {any} data @throws {TypeError} */
export function appendQuery(url, data) {
  if (data === undefined || data === null) return url;
  if (typeof data !== 'object' || isArrayBuffer(data)) throw new TypeError('data of a GET must be an object');
  const query = queryString(data);
  return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

function queryString(data) {
  return Object.entries(jsonCopy(data))
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    )
    .join('&');
}

/**
 * Decodes a response body.
 *
 * @param {Uint8Array} body
 * @param {string} dataType
 * @throws if the body is not of that type (error 14)
 */
export function decodeBody(body, dataType) {
  if (dataType === 'arraybuffer') return body.slice().buffer;
  if (dataType === 'base64') return base64(body);
  if (dataType === 'text') return decoder.decode(body);
  if (dataType === 'json') return JSON.parse(strictDecoder.decode(body));
  try {
    return decodeBody(body, 'json');
  } catch {
    return decoder.decode(body);
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (bytes[index] << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63]).join('');
    text += digits.slice(0, Math.min(4, bytes.length - index + 1)).padEnd(4, '=');
  }
  return text;
}

/** @param {string} text in base64 */
export function bytesOf(text) {
  const digits = [...text].map((digit) => ALPHABET.indexOf(digit)).filter((digit) => digit >= 0);
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let index = 0; index < bytes.length; index += 1) {
    const at = Math.floor(index / 3) * 4 + (index % 3);
    const pair = (digits[at] << 6) | (digits[at + 1] ?? 0);
    bytes[index] = pair >> (4 - 2 * (index % 3));
  }
  return bytes;
}

/**
 * Returns the differences between the two calls. The older call's one-page reference was removed; its numbers are assumed unchanged.
 *
 * @param {'httpRequest' | 'request'} name
 * @param {import('../../platform/reader.mjs').Profile} profiles
 */
export function requestFlavour(name, profiles) {
  return name === 'request'
    ? {
        name,
        contentType: 'application/json',
        failsOnStatus: profiles.status === '19',
        notListed: Number(profiles.whitelist),
        orText: profiles.json === 'json_or_text',
      }
    : { name, contentType: 'application/x-www-form-urlencoded', failsOnStatus: true, notListed: 11, orText: false };
}

/**
 * Converts a response to the result that page code gets.
 *
 * @param {{ status?: number, headers: Record<string, string>, body: Uint8Array }} response
 * @param {string} dataType
 * @param {ReturnType<typeof requestFlavour>} flavour
 * @returns {['success' | 'fail', object]}
 */
export function settleResponse({ status, headers, body }, dataType, flavour) {
  if (status === undefined) return ['success', answer({ status, headers, data: '' }, flavour)];
  const good = status >= 200 && status < 300;
  const text = () => decodeBody(body, 'text');
  const read = dataType === 'json' && flavour.orText ? 'json_or_text' : dataType;
  if (flavour.failsOnStatus && !good) {
    return ['fail', { error: 19, errorMessage: 'http status error', status, data: decodedOr(text, body, read), headers }];
  }
  try {
    return ['success', answer({ status, headers, data: decodeBody(body, read) }, flavour)];
  } catch {
    return ['fail', { error: 14, errorMessage: 'JSON parse data error', status, data: text(), headers }];
  }
}

/**
 * Builds the failure of a request that timed out. If JSON was requested, the platform tries to parse its own error message as the answer,
 * and fails.
 */
export function timedOut(dataType, milliseconds) {
  return dataType === 'json'
    ? { error: 14, errorMessage: 'JSON parse data error', status: 13, data: '请求超时异常', headers: {} }
    : { error: 13, errorMessage: `no answer within ${milliseconds} ms` };
}

/** The newer call has two names each for status and headers. */
function answer({ status, headers, data }, { name }) {
  return name === 'request' ? { data, status, statusCode: status, headers, header: headers } : { data, status, headers };
}

function decodedOr(text, body, dataType) {
  try {
    return decodeBody(body, dataType);
  } catch {
    return text();
  }
}
