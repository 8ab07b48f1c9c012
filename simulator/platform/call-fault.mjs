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

  /** What page code gets: no error, and of no class. */
  get failure() {
    const numbered = this.error === undefined ? {} : { error: this.error };
    return { ...numbered, errorMessage: this.message, ...this.fields };
  }
}
