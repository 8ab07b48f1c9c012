/** A call that fails as the platform fails it: a number and a sentence. */
export class CallFault extends Error {
  /** @param {number} error the platform's number @param {string} message */
  constructor(error, message) {
    super(message);
    this.error = error;
  }
}
