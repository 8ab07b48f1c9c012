import { OWN } from '../generated/failures.js';

export { OWN };

/** What every call of this package fails with. */
export class MiniauthError extends Error {
  /**
   * @param {{ code: string, message: string, advice: { zh: string, en: string }, cause?: unknown, where?: string,
   *   encoding?: string, response?: any }} failure
   */
  constructor({ code, message, advice, cause, where, encoding, response }) {
    super(message);
    this.name = 'MiniauthError';
    this.code = code;
    this.advice = advice;
    this.cause = cause;
    /** Where display information was found, as `data.user.nickName`. */
    this.where = where;
    /** How it was encoded there. */
    this.encoding = encoding;
    /** What the server answered, where it did. */
    this.response = response;
  }

  /** For logs: without the cause and what was answered, which may hold themselves, and what no log should. */
  toJSON() {
    const { name, message, code, advice, where, encoding, response } = this;
    return { name, message, code, advice, where, encoding, status: response && response.status };
  }
}

/**
 * The module's failures come as plain objects; anything else is an error of the engine or of the page's own code, which
 * stays what it is.
 *
 * @param {unknown} thrown
 * @returns {unknown}
 */
export function toError(thrown) {
  const failure = /** @type {any} */ (thrown);
  if (!failure || typeof failure.code !== 'string' || typeof failure.adviceZh !== 'string') return thrown;
  const { adviceZh: zh, adviceEn: en } = failure;
  return new MiniauthError(Object.assign({}, failure, { advice: { zh, en } }));
}

/**
 * Has an error say who made the call that it comes from, some turns ago.
 *
 * @param {unknown} error
 * @param {Error} call made in that call
 */
export function traced(error, call) {
  if (error instanceof MiniauthError) error.stack = `${error}\n${String(call.stack).replace(/^Error\n/, '')}`;
  return error;
}

/**
 * @param {string} [message]
 * @param {unknown} [cause]
 */
export function optionsInvalid(message = OWN.options_invalid.message, cause) {
  return own('options_invalid', { message, cause });
}

/** @param {unknown} cause */
export function startFailed(cause) {
  return own('start_failed', { cause });
}

/** @param {string} cause the panic's message */
export function instanceLost(cause) {
  return own('instance_lost', { cause });
}

/** A request that the page gave up. */
export function aborted() {
  return own('aborted', {});
}

/**
 * @param {string} code of those that the JavaScript around the module fails with by itself
 * @param {object} said
 */
export function own(code, said) {
  return /** @type {MiniauthError} */ (toError(Object.assign({}, OWN[code], said)));
}

