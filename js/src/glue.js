/**
 * What the module's glue calls by name: what page logic lacks, and what is shorter in JavaScript than in the module. The build
 * imports these names into the glue, where they shadow the platform's.
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

/** Milliseconds that a request may take: the platform's own default. */
const TIMEOUT = 30000;

const { toString } = Object.prototype;
export { toString };

/** @param {unknown} failure */
export function rejected(failure) {
  return quiet(Promise.reject(failure));
}

/** What the task that runs now waits for. @type {Promise<any> | undefined} */
let awaited;

/** How what it waited for ended: returns or throws that. @type {() => any} */
let ended;

/** Whether it has failed. */
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
 * The outcome of one of the module's tasks. It begins after whoever made it has gone on. What is thrown in the middle of a step
 * ends the task: it settles all the same, and is not freed, for it never came back.
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
 * Holds a promise for as long as it is under way. In JavaScript and not in the module: what waits for the next turn must see
 * the end of whatever was before it.
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

/** A clock. What waits with it fails as the platform does when a request takes too long. */
export class Timer {
  /** @param {number} millis */
  constructor(millis) {
    this.timeout = { error: 13 };
    const expired = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(this.timeout), millis);
      /** Ends the wait as the platform's abort does. */
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
 * The request that hands on what the platform answered about the phone number. What it holds is searched, as a page's is.
 *
 * @param {string} url
 * @param {any} answer
 * @param {string} purpose
 * @returns {object | undefined} nothing, where it answered nothing
 */
export function phoneRequest(url, answer, purpose) {
  const { response, sign } = Object(answer);
  const data = { response, sign, consent: { purpose, at: Date.now() } };
  return response ? { ...ownRequest(url, 'POST', data), dataType: 'json', typed: [], operation: 'getPhoneNumber' } : undefined;
}

/**
 * What the platform's call takes: a fresh object each time, for the platform may keep it.
 *
 * @param {any} request
 * @param {string | undefined} token
 */
export function platformOptions({ call, url, method, headers, data, dataType, timeout: given }, token) {
  const all = Object.assign({}, headers, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const timeout = given === undefined ? TIMEOUT : given;
  // Some versions of the other transports know one name, and some the other.
  if (call) return { ...data, url, headers: all, header: all, timeout };
  const options = { url, method, headers: all, dataType, timeout };
  return data === undefined ? options : Object.assign(options, { data });
}

/**
 * The failure of a code. What a server answers is a status first of all; its problem document says more.
 *
 * @param {number} code
 */
export function failureOf(code) {
  const row = FAILURES[code];
  const words = row.length > 1 ? row : FAILURES[HTTP_STATUS];
  return { ...(OWN[row[0]] || { code: row[0], message: words[1], adviceZh: words[2], adviceEn: words[3] }) };
}

/**
 * The failure of a call that JavaScript threw in the middle of: the engine, or what took its place.
 *
 * @param {unknown} cause
 */
export function engineFailed(cause) {
  const message = 'JavaScript threw in the middle of the call: see cause.';
  return Object.assign(failureOf(codeNumber('platform_error')), { message, cause });
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
 * The bytes of an ArrayBuffer, or those that a view shows.
 *
 * @param {any} buffer
 */
export function bytesOf(buffer) {
  return ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
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
