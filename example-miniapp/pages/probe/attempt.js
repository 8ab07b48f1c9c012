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

module.exports = { attempt };
