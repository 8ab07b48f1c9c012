/** Prepares data for the guard's search. */

/** Separates joined texts: it occurs in no value, and is no blank, letter or base64 digit. */
const BETWEEN = '\x7f';

/**
 * Flattens a snapshot for the module: each value is preceded by its kind, and lists and objects by their number of items. Adjacent numbers
 * may be bytes or characters, so they become one text.
 *
 * @param {any} value
 * @param {any[]} [flat]
 */
export function flattened(value, flat = []) {
  if (typeof value === 'string') {
    flat.push(1, value);
  } else if (isBuffer(value)) {
    flat.push(2, value);
  } else if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    const names = Object.keys(value);
    const numbers = names.filter((name) => Number.isInteger(value[name]) && /^\d+$/.test(name));
    const text = numbers.map((name) => value[name]).join();
    if (numbers.length > 0 && numbers.length === names.length) return flattened(text, flat);
    flat.push(isList ? 3 : 4, names.length);
    for (const name of names) {
      if (!isList) flat.push(name);
      flattened(name === numbers[0] ? text : value[name], flat);
    }
  } else {
    flat.push(0);
  }
  return flat;
}

/**
 * Joins flattened data to one text, unless it contains bytes.
 *
 * @param {any[]} flat
 */
export function joined(flat) {
  return flat.some((value) => typeof value === 'object') ? undefined : flat.join(BETWEEN);
}

/**
 * Returns the forms in which a text may be written: both cases and the normal forms that the engine supports. For an address, only of its
 * identifying parts.
 *
 * @param {string} text
 * @param {boolean} isAddress
 */
export function writtenForms(text, isAddress) {
  /** @type {string[]} */
  const forms = [];
  for (const part of isAddress ? tellingParts(text) : [text]) forms.push(part, part.toLowerCase(), part.toUpperCase());
  if (typeof text.normalize !== 'function') return forms;
  return forms.concat(...forms.map((form) => ['NFC', 'NFD', 'NFKC', 'NFKD'].map((normal) => form.normalize(normal))));
}

/** From this length, a part of an address identifies a user by itself. */
const TELLING = 16;

/** A path's last part shorter than this identifies nobody. */
const TOO_SHORT = 4;

/** A size or type suffix of an address: `_160x160`, `@100w`, `!small`, `/132`, `.png`. */
const SIZE = /(?:\.[^._@!/-]{0,4}|[@!][^._@!/-]*|\/\d{1,4}|[_-](?:small|big|thumb|(?=[xwhq]*\d)(?=\d*[xwhq])[\dxwhq]+))$/i;

/**
 * Returns the parts of an avatar's address that identify the user, without what may vary: scheme, host, query and size.
 *
 * @param {string} address
 */
export function tellingParts(address) {
  const whole = address.replace(/^.*?:\/\//, '');
  const path = whole.replace(/[?#][^]*/, '');
  const host = path.indexOf('/') + 1;
  const last = (/** @type {string} */ text) => text.slice(text.lastIndexOf('/') + 1);
  let stem = path;
  while (SIZE.test(stem.slice(host))) stem = stem.replace(SIZE, '');
  const own = last(stem);
  if (own.length >= TELLING) return [own];
  const file = last(path);
  // A short part could be anyone's, and so could a path whose query makes the difference.
  const part = own.length < TOO_SHORT && path !== whole ? whole : stem.length - host >= TELLING ? stem.slice(host) : stem;
  return file.length >= TELLING ? [part, file] : [part];
}

/** Unlike `instanceof`, this also works for buffers of other realms. @param {unknown} value */
function isBuffer(value) {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
