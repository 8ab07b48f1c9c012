/**
 * What `work` gives, or what `otherwise` makes of what it throws.
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
 * A promise that a call of the platform returns beside its callbacks: the callbacks are enough, and nobody is to miss a rejection.
 *
 * @param {unknown} returned
 * @returns {Promise<unknown> | undefined} the promise, if it is one
 */
function taken(returned) {
  const promise = /** @type {Promise<unknown>} */ (returned);
  if (typeof (promise || {}).then !== 'function') return undefined;
  promise.then(() => undefined, () => undefined);
  return promise;
}

module.exports = { attempt, taken };
