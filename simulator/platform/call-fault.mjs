/** A call that fails as the platform fails it: a number where it has one, a text, and whatever else stands beside them. */
export class CallFault extends Error {
  /**
   * @param {number | string | undefined} error
   * @param {string} message
   * @param {object} [fields] of the failure, beside `error` and `errorMessage`
   */
  constructor(error, message, fields = {}) {
    super(message);
    this.error = error;
    this.fields = fields;
  }

  /**
   * A failure whose words are known.
   *
   * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
   * @param {string} call
   * @param {number} number
   * @param {object} [fields]
   */
  static of(facts, call, number, fields) {
    return new CallFault(number, facts.errorOf(call, number).text, fields);
  }

  /** What page code gets: no error, and of no class. */
  get failure() {
    const numbered = this.error === undefined ? {} : { error: this.error };
    return { ...numbered, errorMessage: this.message, ...this.fields };
  }
}
