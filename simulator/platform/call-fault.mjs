/** A failed call, as the platform reports it: an error number if there is one, a message, and further fields. */
export class CallFault extends Error {
  /**
   * @param {number | string | undefined} error
   * @param {string} message
   * @param {object} [fields] further fields of the failure
   */
  constructor(error, message, fields = {}) {
    super(message);
    this.error = error;
    this.fields = fields;
  }

  /**
   * Builds a documented failure, with its known message.
   *
   * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
   * @param {string} call
   * @param {number} number
   * @param {object} [fields]
   */
  static of(facts, call, number, fields) {
    return new CallFault(number, facts.errorOf(call, number).text, fields);
  }

  /** The plain object that page code gets. */
  get failure() {
    const numbered = this.error === undefined ? {} : { error: this.error };
    return { ...numbered, errorMessage: this.message, ...this.fields };
  }
}
