/** Reads the answers of the platform and of servers for the module. */

import { fieldOf } from './field.js';

/**
 * Reads a server's answer; newer versions of the platform use other names.
 *
 * @param {any} answer from the platform
 * @returns {{ status: number, data: unknown, headers: unknown } | undefined} undefined without a status
 */
export function responseIn(answer) {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const status = answer.status === undefined ? answer.statusCode : answer.status;
  const headers = answer.headers === undefined ? answer.header : answer.headers;
  if (typeof status !== 'number' || !(status >= 100 && status < 600)) return undefined;
  return { status: Math.floor(status), data: answer.data, headers };
}

/**
 * Parses a JSON text, with or without a byte order mark; returns anything else unchanged.
 *
 * @param {any} data
 */
export function parsed(data) {
  if (typeof data !== 'string') return data;
  try {
    // `trim` also removes the byte order mark.
    return JSON.parse(data.trim());
  } catch {
    return data;
  }
}

/** The maximum nesting of an answer of `my.getOpenUserInfo`: JSON in JSON, or the same as objects. */
const MAXIMUM_WRAPPINGS = 4;

/**
 * Returns the object with the answer's fields: `response` is a JSON text or an object, possibly nested, and in some versions the fields are
 * on the answer itself.
 *
 * @param {any} answer
 */
export function innermost(answer) {
  let found = answer;
  let outer = answer;
  for (let depth = 0; depth < MAXIMUM_WRAPPINGS; depth += 1) {
    outer = parsed(fieldOf(outer, 'response'));
    if (['code', 'nickName', 'avatar'].some((name) => fieldOf(outer, name) !== undefined)) found = outer;
  }
  return found;
}

/**
 * Returns the `error` number of a platform failure, as a request would have it, or -1.
 *
 * @param {unknown} cause
 */
export function errorNumber(cause) {
  const number = fieldOf(cause, 'asRequest') || fieldOf(cause, 'error');
  return /number|string/.test(typeof number) && /^\d{1,9}$/.test(number) ? Number(number) : -1;
}

/**
 * Returns the platform's own message of a failure, if any.
 *
 * @param {unknown} cause
 * @returns {string | undefined}
 */
export function wordsOf(cause) {
  if (typeof cause === 'string') return cause;
  return ['errorMessage', 'message', 'subMsg', 'msg'].map((name) => fieldOf(cause, name)).find((words) => typeof words === 'string');
}
