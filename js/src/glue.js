/**
 * The functions that the module's glue calls by name: what page logic lacks, and what is shorter in JavaScript. The build imports these
 * names into the glue, where they shadow the platform's.
 */

import { FAILURES, HTTP_STATUS } from '../generated/failures.js';
import { quiet } from './calls.js';
import { DisplayInfo } from './display-info.js';
import { OWN } from './error.js';

export { callPlatform } from './calls.js';
export { errorNumber, innermost, parsed, responseIn, wordsOf } from './answers.js';
export { flattened, joined, writtenForms } from './searched.js';
export { platformCall as originalOf } from './transports.js';
export { TextDecoder, TextEncoder } from './utf8.js';

/** A request's time-out in milliseconds: the platform's own default. */
const TIMEOUT = 30000;

const { toString } = Object.prototype;
export { toString };

/** @param {unknown} failure */
export function rejected(failure) {
  return quiet(Promise.reject(failure));
}

/** The promise that the current task waits for. @type {Promise<any> | undefined} */
let awaited;

/** Returns or throws that promise's outcome. @type {() => any} */
let ended;

/** Whether the current task has failed. */
let failed = false;

/** @param {Promise<any>} promise */
export function waitFor(promise) {
  awaited = promise;
}

export function outcome() {
  return ended();
}

export function taskFailed() {
  failed = true;
}

/**
 * Runs one of the module's tasks, starting after the caller has returned. An exception within a step ends the task: its promise settles,
 * but it is not freed, since the step never returned.
 *
 * @param {import('../generated/miniauth_bg.js').Task} task
 */
export function runTask(task) {
  const result = new Promise((resolve, reject) => {
    const goOn = (/** @type {() => any} */ settled) => {
      try {
        awaited = undefined;
        failed = false;
        ended = settled;
        const value = task.step();
        if (awaited) {
          wait(awaited);
        } else {
          (failed ? reject : resolve)(value);
          task.free();
        }
      } catch (thrown) {
        reject(thrown);
      }
    };
    const wait = (/** @type {Promise<any>} */ promise) =>
      void promise.then(
        (value) => goOn(() => value),
        (reason) =>
          goOn(() => {
            throw reason;
          }),
      );
    wait(Promise.resolve());
  });
  return quiet(result);
}

/**
 * Holds a promise while it is pending. This is done in JavaScript because code that waits for the next turn must see that the previous work has
 * ended.
 */
export class Slot {
  constructor() {
    /** @type {Promise<any> | undefined} */
    this.held = undefined;
  }

  /** @param {Promise<any>} promise */
  hold(promise) {
    const settled = () => {
      if (this.held === promise) this.held = undefined;
    };
    promise.then(settled, settled);
    this.held = promise;
  }

  release() {
    this.held = undefined;
  }
}

/**
 * @param {string | undefined} nickName
 * @param {string | undefined} avatar
 * @param {string} redaction
 */
export function displayInfo(nickName, avatar, redaction) {
  return new DisplayInfo({ nickName: nickName === undefined ? null : nickName, avatar: avatar === undefined ? null : avatar }, redaction);
}

/** A timer. Waiting with it fails like a platform request that timed out. */
export class Timer {
  /** @param {number} millis */
  constructor(millis) {
    this.timeout = { error: 13 };
    const expired = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(this.timeout), millis);
      /** Ends the wait like the platform's abort. */
      this.abort = reject.bind(undefined, { error: 9 });
    });
    this.expired = quiet(expired);
  }

  /** @param {Promise<any>} promise */
  race(promise) {
    return quiet(Promise.race([promise, this.expired]));
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
 * Builds a request of the module's own. It asks for text, which the module parses, so invalid JSON is an answer too.
 *
 * @param {string} url
 * @param {string} method
 * @param {unknown} data
 */
export function ownRequest(url, method, data) {
  return { url, method, data, dataType: 'text', headers: { 'content-type': 'application/json' } };
}

/**
 * Builds the request that forwards the platform's answer with the phone number. Its content is checked like a page's.
 *
 * @param {string} url
 * @param {any} answer
 * @param {string} purpose
 * @returns {object | undefined} undefined if the answer is empty
 */
export function phoneRequest(url, answer, purpose) {
  const { response, sign } = Object(answer);
  const data = { response, sign, consent: { purpose, at: Date.now() } };
  return response ? { ...ownRequest(url, 'POST', data), dataType: 'json', typed: [], operation: 'getPhoneNumber' } : undefined;
}

/**
 * Builds the options of a platform call: a fresh object each time, because the platform may keep it.
 *
 * @param {any} request
 * @param {string | undefined} token
 */
export function platformOptions({ call, url, method, headers, data, dataType, timeout: given }, token) {
  const all = Object.assign({}, headers, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const timeout = given === undefined ? TIMEOUT : given;
  // Versions of the other transports differ in the name.
  if (call) return { ...data, url, headers: all, header: all, timeout };
  const options = { url, method, headers: all, dataType, timeout };
  return data === undefined ? options : Object.assign(options, { data });
}

/**
 * Builds the failure of a code. A code without texts has those of `http_status`: the server's problem document has better ones.
 *
 * @param {number} code
 */
export function failureOf(code) {
  const row = FAILURES[code];
  const words = row.length > 1 ? row : FAILURES[HTTP_STATUS];
  return { ...(OWN[row[0]] || { code: row[0], message: words[1], adviceZh: words[2], adviceEn: words[3] }) };
}

/**
 * Builds the failure of a call in which JavaScript threw: the engine, or a replacement of its functions.
 *
 * @param {unknown} cause
 */
export function engineFailed(cause) {
  const message = 'A JavaScript error ended the call: see cause.';
  return Object.assign(failureOf(codeNumber('platform_error')), { message, cause });
}

/**
 * Returns the number of a code, or a negative number.
 *
 * @param {string} name
 */
export function codeNumber(name) {
  return FAILURES.findIndex((row) => row[0] === name);
}

/**
 * Returns the bytes of an ArrayBuffer, or of a view.
 *
 * @param {any} buffer
 */
export function bytesOf(buffer) {
  return ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
}

/**
 * Whether a text contains a letter or an ideograph. On engines without Unicode classes every character beyond Latin-1's signs counts.
 *
 * @param {string} text
 */
export function hasLetter(text) {
  let letter = /[a-z\u00aa-\uffff]/i;
  try {
    letter = new RegExp('\\p{Alphabetic}', 'u');
  } catch {
    // All recent engines support them.
  }
  return letter.test(text);
}
