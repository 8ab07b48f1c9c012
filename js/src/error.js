import { OWN } from '../generated/failures.js';

/** What every promise of this package rejects with. */
export class MiniauthError extends Error {
  /** @param {{ code: string, message: string, adviceZh: string, adviceEn: string, [field: string]: unknown }} failure */
  constructor(failure) {
    super(failure.message);
    this.name = 'MiniauthError';
    this.code = failure.code;
    this.advice = { zh: failure.adviceZh, en: failure.adviceEn };
    this.cause = failure.cause;
    /** Where display information was found, as `data.user.nickName`. */
    this.where = failure.where;
    /** How it was encoded there. */
    this.encoding = failure.encoding;
    /** What the server answered, where it did. */
    this.response = failure.response;
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
  return failure && typeof failure.code === 'string' && typeof failure.adviceZh === 'string'
    ? new MiniauthError(failure)
    : thrown;
}

/** @param {string} message */
export function optionsInvalid(message) {
  return new MiniauthError({ ...OWN.options_invalid, message });
}

/** @param {string} name of the platform's call, which answers at once */
export function displayOnlyUnchecked(name) {
  const message = `my.${name} cannot be checked by a Worker, and display information is known.`;
  return new MiniauthError({ ...OWN.display_only_unchecked, message });
}

/** @param {unknown} cause */
export function startFailed(cause) {
  return new MiniauthError({ ...OWN.start_failed, cause });
}

/** @param {string} cause the panic's message */
export function instanceLost(cause) {
  return new MiniauthError({ ...OWN.instance_lost, cause });
}

/** A request that the page gave up. */
export function aborted() {
  return new MiniauthError(OWN.aborted);
}
