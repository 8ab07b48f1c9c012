/**
 * Returns the result of `work`, or of `otherwise` if it throws.
 *
 * @template T
 * @param {() => T} work
 * @param {(thrown: unknown) => T} otherwise
 * @returns {T}
 */
function attempt(work, otherwise) {
  try {
    return work();
  } catch (thrown) {
    return otherwise(thrown);
  }
}

/**
 * Handles a promise that a platform call may return: its callbacks are enough, and a rejection must not be reported as unhandled.
 *
 * @param {unknown} returned
 * @returns {Promise<unknown> | undefined} the promise, if it is one
 */
function taken(returned) {
  const promise = /** @type {Promise<unknown>} */ (returned);
  if (typeof (promise || {}).then !== 'function') return undefined;
  promise.then(
    () => undefined,
    () => undefined,
  );
  return promise;
}

module.exports = { attempt, taken };
