/** What the platform and servers answer, as the module reads it. */

import { fieldOf } from './field.js';

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
 * What a JSON text holds, with a byte order mark or without; anything else as it is.
 *
 * @param {any} data
 */
export function parsed(data) {
  if (typeof data !== 'string') return data;
  try {
    // `trim` takes the mark away too.
    return JSON.parse(data.trim());
  } catch {
    return data;
  }
}

/** How deep an answer of `my.getOpenUserInfo` is wrapped at most: a text in a text, and the same as objects. */
const MAXIMUM_WRAPPINGS = 4;

/**
 * What holds the fields of an answer: `response` is a JSON text or an object, in which there is another one or not, and some
 * versions put them on the answer itself.
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
 * The `error` of the platform's failures, as a request has it, or -1.
 *
 * @param {unknown} cause
 */
export function errorNumber(cause) {
  const number = fieldOf(cause, 'asRequest') || fieldOf(cause, 'error');
  return /number|string/.test(typeof number) && /^\d{1,9}$/.test(number) ? Number(number) : -1;
}

/**
 * The platform's own words for a failure, if there are any.
 *
 * @param {unknown} cause
 * @returns {string | undefined}
 */
export function wordsOf(cause) {
  if (typeof cause === 'string') return cause;
  return ['errorMessage', 'message', 'subMsg', 'msg'].map((name) => fieldOf(cause, name)).find((words) => typeof words === 'string');
}
