/**
 * The guard's first look at what is about to leave, with the engine's own text search: what shows no sign of display
 * information is neither taken apart nor copied into the module. Where there is something that an encoding could hide, only
 * that is copied.
 */

/** Escapes, as they stand in a text. Pages send texts with `&` and `%` that are no escapes. */
const ESCAPES = '%[0-9a-fu]|&(?:#|amp|lt|gt|quot|apos|nbsp)|\\0|';

/** Three numbers in a row, with an index before each where a list is written as an object. */
const NUMBERS = /\d,[\s\\nrt]*(?:\\*"\d+\\*":[\s\\nrt]*)?-?\d{1,7},/;

/** A backslash in a text, and in JSON, where it is doubled; a zero, where it is an escape. */
const IN_TEXT = '\\\\';
const IN_JSON = '\\\\\\\\|\\\\u0000';

/** Digits of base64 and what may stand between them: line breaks, as they are and as they are in JSON. */
const DIGITS = '\\w+/\\\\\\r\\n-';

/** The longest run of them that is copied by itself: engines note each digit of a run, and have room for some millions. */
const LONGEST_RUN = 10000;

/** So many characters may be more bytes than the guard searches. It counts them. */
const LARGE = 4 * 1024 * 1024;

/** What is looked for. */
export class FirstLook {
  /**
   * @param {string} values regular expression of what counts wherever it stands
   * @param {number} shortest the fewest digits of base64 that can hold a value, or 0 while there is none
   * @param {string} names under which other values count, or nothing: `_` is any separator, or none
   */
  constructor(values, shortest, names) {
    this.values = new RegExp(values, 'i');
    if (shortest === 0) return;
    // That a run is looked for only where one begins makes this three times as fast.
    const run = (/** @type {number} */ fewest) => `(?:^|[^${DIGITS}])[${DIGITS}]{${fewest},${LONGEST_RUN}}`;
    this.runs = new RegExp(run(Math.min(shortest, LONGEST_RUN)), 'g');
    this.cut = new RegExp(run(LONGEST_RUN));
    this.escapes = [IN_TEXT, IN_JSON].map((backslash) => new RegExp(ESCAPES + backslash, 'i'));
    this.names = names && new RegExp(names.replace(/_/g, '[-_ ]?'), 'i');
  }

  /**
   * @param {any} data
   * @returns {string | null | undefined} the part of it that could hold something, or null for all; undefined for nothing
   */
  suspicious(data) {
    if (typeof data === 'string') return this.inText(data, 0);
    if (typeof data !== 'object' || data === null) return undefined;
    const json = JSON.stringify(data);
    // A buffer is an empty object in JSON.
    return json.includes('{}') && hasBuffer(data) ? null : this.inText(json, 1);
  }

  /**
   * @param {string} text
   * @param {0 | 1} isJson
   */
  inText(text, isJson) {
    if (this.values.test(text) || text.length > LARGE) return null;
    if (!this.runs || !this.escapes || !this.cut) return undefined;
    if ((this.names && this.names.test(text)) || this.escapes[isJson].test(text) || NUMBERS.test(text)) return text;
    const runs = text.match(this.runs);
    if (!runs) return undefined;
    const joined = runs.join(' ');
    return this.cut.test(joined) ? text : joined;
  }
}

/**
 * Anything that the driver took a snapshot of, as the module reads it: before each value its kind, and before the items or
 * fields of one their number.
 *
 * @param {any} value
 * @param {any[]} [flat]
 */
export function flattened(value, flat = []) {
  if (typeof value === 'string') {
    flat.push(1, value);
  } else if (typeof value === 'number' && value === Math.trunc(value)) {
    flat.push(2, value);
  } else if (isBuffer(value)) {
    flat.push(3, value);
  } else if (Array.isArray(value)) {
    flat.push(4, value.length);
    for (const item of value) flattened(item, flat);
  } else if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value);
    flat.push(5, names.length);
    for (const name of names) {
      flat.push(name);
      flattened(value[name], flat);
    }
  } else {
    flat.push(0);
  }
  return flat;
}

/**
 * The forms in which a text may be written: in either case, in the normal forms that the engine can make.
 *
 * @param {string} text
 */
export function writtenForms(text) {
  const forms = [text, text.toLowerCase(), text.toUpperCase()];
  if (typeof text.normalize !== 'function') return forms;
  return forms.concat(...forms.map((form) => ['NFC', 'NFD', 'NFKC', 'NFKD'].map((normal) => form.normalize(normal))));
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function hasBuffer(value) {
  return isBuffer(value) || (typeof value === 'object' && value !== null && Object.keys(value).some((name) => hasBuffer(value[name])));
}

/** Unlike `instanceof`, this holds for buffers of other realms. @param {unknown} value */
function isBuffer(value) {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
