import { OWN } from '../generated/failures.js';

export { OWN };

/** The error of every call of this package. */
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
    /** Where display information was found, such as `data.user.nickName`. */
    this.where = where;
    /** How it was encoded there. */
    this.encoding = encoding;
    /** The server's answer, if any. */
    this.response = response;
  }

  /** For logs: omits the cause and the answer, which may be cyclic and may contain what logs must not. */
  toJSON() {
    const { name, message, code, advice, where, encoding, response } = this;
    return { name, message, code, advice, where, encoding, status: response && response.status };
  }
}

/**
 * Converts the module's failures, which are plain objects, to errors; engine errors and errors of page code are returned unchanged.
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
 * Gives an error the stack trace of the call that it comes from.
 *
 * @param {unknown} error
 * @param {Error} call created in that call
 */
export function traced(error, call) {
  if (error instanceof MiniauthError) error.stack = `${error}\n${String(call.stack).replace(/^Error\n/, '')}`;
  return error;
}

/**
 * Builds the error for invalid options.
 *
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

/** Builds the error of an aborted request. */
export function aborted() {
  return own('aborted', {});
}

/**
 * Builds an error that the JavaScript around the module raises by itself.
 *
 * @param {string} code
 * @param {object} said overrides of the failure
 */
export function own(code, said) {
  return /** @type {MiniauthError} */ (toError(Object.assign({}, OWN[code], said)));
}
