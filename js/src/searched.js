/** Data as the guard takes it. */

/** Stands between texts that are joined: it is in no value, and neither a blank, a letter nor a digit of base64. */
const BETWEEN = '\x7f';

/**
 * Anything that the driver took a snapshot of, as the module reads it: before each value its kind, and before the items or
 * fields of one their number. Numbers beside one another may be bytes or characters: they are one text.
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
 * All that was flattened as one text, unless there are bytes in it.
 *
 * @param {any[]} flat
 */
export function joined(flat) {
  return flat.some((value) => typeof value === 'object') ? undefined : flat.join(BETWEEN);
}

/**
 * The forms in which a text may be written: in either case, in the normal forms that the engine can make. Of an address, those
 * of the parts that tell whose it is.
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

/** From this length on, a part of an address tells by itself whose it is. */
const TELLING = 16;

/** Shorter than this, the last part of a path tells nothing. */
const TOO_SHORT = 4;

/** A size or a type at the end of an address: `_160x160`, `@100w`, `!small`, `/132`, `.png`. */
const SIZE = /(?:\.[^._@!/-]{0,4}|[@!][^._@!/-]*|\/\d{1,4}|[_-](?:small|big|thumb|(?=[xwhq]*\d)(?=\d*[xwhq])[\dxwhq]+))$/i;

/**
 * The parts of an avatar's address that tell whose it is, without what may differ: scheme, host, query and size.
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
  // Too short a part could be anyone's, and so could what is told apart by its query.
  const part = own.length < TOO_SHORT && path !== whole ? whole : stem.length - host >= TELLING ? stem.slice(host) : stem;
  return file.length >= TELLING ? [part, file] : [part];
}

/** Unlike `instanceof`, this holds for buffers of other realms. @param {unknown} value */
function isBuffer(value) {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
