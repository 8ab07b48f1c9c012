/**
 * What the module's glue calls by name: what page logic lacks, and what is shorter in JavaScript than in the module. The build
 * imports these names into the glue, where they shadow the platform's.
 */

import { FAILURES, HTTP_STATUS } from '../generated/failures.js';

const REPLACEMENT = 0xfffd;

/** Milliseconds that a request may take: the platform's own default. */
const TIMEOUT = 30000;

/** UTF-8 to string, as far as the glue uses it: whole texts, with U+FFFD for what is malformed. */
export class TextDecoder {
  /** @param {Uint8Array} [bytes] */
  decode(bytes) {
    if (!bytes) return '';
    let text = '';
    let units = [];
    for (let at = 0; at < bytes.length; ) {
      const [point, length] = codePointAt(bytes, at);
      at += length;
      if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
      else units.push(point);
      if (units.length > 4096) {
        text += String.fromCharCode.apply(null, units);
        units = [];
      }
    }
    return text + String.fromCharCode.apply(null, units);
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[number, number]} the code point, and how many bytes it took
 */
function codePointAt(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [first, 1];
  const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xc2 && first < 0xe0 ? 1 : 0;
  if (more === 0) return [REPLACEMENT, 1];
  let point = first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const byte = bytes[at + index];
    if ((byte & 0xc0) !== 0x80) return [REPLACEMENT, index];
    point = (point << 6) | (byte & 0x3f);
  }
  const smallest = more === 3 ? 0x10000 : more === 2 ? 0x800 : 0x80;
  const valid = point >= smallest && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return [valid ? point : REPLACEMENT, more + 1];
}

/** String to UTF-8, with U+FFFD for half a surrogate pair. */
export class TextEncoder {
  /** @param {string} text */
  encode(text) {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.subarray(0, this.encodeInto(text, bytes).written);
  }

  /**
   * @param {string} text
   * @param {Uint8Array} bytes
   */
  encodeInto(text, bytes) {
    let written = 0;
    let read = 0;
    while (read < text.length) {
      const found = /** @type {number} */ (text.codePointAt(read));
      const point = found >= 0xd800 && found <= 0xdfff ? REPLACEMENT : found;
      const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + length > bytes.length) break;
      if (length === 1) {
        bytes[written] = point;
      } else {
        for (let index = length - 1; index > 0; index -= 1) {
          bytes[written + index] = 0x80 | ((point >> (6 * (length - 1 - index))) & 0x3f);
        }
        bytes[written] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
      }
      written += length;
      read += found > 0xffff ? 2 : 1;
    }
    return { read, written };
  }
}

const { toString } = Object.prototype;
export { toString };

/** What the task that runs now waits for. @type {Promise<any> | undefined} */
let awaited;

/** @param {Promise<any>} promise */
export function waitFor(promise) {
  awaited = promise;
}

/**
 * The outcome of one of the module's tasks. It begins after whoever made it has gone on.
 *
 * @param {import('../generated/miniauth_bg.js').Task} task
 */
export function runTask(task) {
  return new Promise((resolve, reject) => {
    const goOn = (/** @type {boolean} */ fulfilled, /** @type {unknown} */ value) => {
      let settle = resolve;
      let outcome;
      awaited = undefined;
      try {
        outcome = task.step(fulfilled, value);
      } catch (failure) {
        settle = reject;
        outcome = failure;
      }
      if (awaited) return wait(awaited);
      settle(outcome);
      return task.free();
    };
    const wait = (/** @type {Promise<any>} */ promise) =>
      void promise.then(
        (value) => goOn(true, value),
        (reason) => goOn(false, reason),
      );
    wait(Promise.resolve());
  });
}

/** A promise, and what resolves it. */
export function deferred() {
  /** @type {((value: unknown) => void) | undefined} */
  let resolve;
  const promise = new Promise((given) => {
    resolve = given;
  });
  return { promise, resolve };
}

/**
 * Calls a function of the platform with the callbacks that every version understands.
 *
 * @param {object} my
 * @param {Function} call
 * @param {object} options
 * @returns {{ answered: Promise<any>, task: any }} what it answers, and what it returned at once: of a request, its task
 */
export function callPlatform(my, call, options) {
  let task;
  const answered = new Promise((success, fail) => {
    task = call.call(my, Object.assign(options, { success, fail }));
  });
  // Newer versions return a promise beside the callbacks: that it is rejected too is no news.
  Promise.resolve(task).catch(() => {});
  return { answered, task };
}

/** A clock. What waits with it fails as the platform does when a request takes too long. */
export class Timer {
  /** @param {number} millis */
  constructor(millis) {
    this.timeout = { error: 13 };
    this.expired = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(this.timeout), millis);
      /** Ends the wait as the platform's abort does. */
      this.abort = reject.bind(undefined, { error: 9 });
    });
  }

  /** @param {Promise<any>} promise */
  race(promise) {
    return Promise.race([promise, this.expired]);
  }

  /** @param {unknown} cause */
  isCause(cause) {
    return cause === this.timeout;
  }

  stop() {
    clearTimeout(this.timer);
  }
}

/**
 * A request of the module's own. It asks for text, which the module parses: what is not JSON is then an answer too.
 *
 * @param {string} url
 * @param {string} method
 * @param {unknown} data
 */
export function ownRequest(url, method, data) {
  return { url, method, data, dataType: 'text', headers: { 'content-type': 'application/json' } };
}

/**
 * What the platform's call takes: a fresh object each time, for the platform may keep it.
 *
 * @param {any} request
 * @param {string | undefined} token
 */
export function platformOptions({ url, method, headers, data, dataType, timeout }, token) {
  const all = Object.assign({}, headers, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const options = { url, method, headers: all, dataType, timeout: timeout === undefined ? TIMEOUT : timeout };
  return data === undefined ? options : Object.assign(options, { data });
}

/**
 * What a server answered; newer versions of the platform use other names.
 *
 * @param {any} answer of the platform
 * @returns {{ status: number, data: unknown, headers: unknown } | undefined} nothing, where it has no status
 */
export function responseIn(answer) {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const status = answer.status === undefined ? answer.statusCode : answer.status;
  const headers = answer.headers === undefined ? answer.header : answer.headers;
  if (typeof status !== 'number' || !(status >= 100 && status < 600)) return undefined;
  return { status: Math.floor(status), data: answer.data, headers };
}

/**
 * The failure of a code. What a server answers is a status first of all; its problem document says more.
 *
 * @param {number} code
 */
export function failureOf(code) {
  const row = FAILURES[code];
  const words = row.length > 1 ? row : FAILURES[HTTP_STATUS];
  return { code: row[0], message: words[1], adviceZh: words[2], adviceEn: words[3] };
}

/**
 * The number of a code, or a negative one.
 *
 * @param {string} name
 */
export function codeNumber(name) {
  return FAILURES.findIndex((row) => row[0] === name);
}

/**
 * Whether there is a letter or an ideograph in a text. Engines that do not know the classes of Unicode take every character
 * beyond Latin-1's signs for one.
 *
 * @param {string} text
 */
export function hasLetter(text) {
  let letter = /[a-z\u00aa-\uffff]/i;
  try {
    letter = new RegExp('\\p{Alphabetic}', 'u');
  } catch {
    // Every engine of the last years knows them.
  }
  return letter.test(text);
}
