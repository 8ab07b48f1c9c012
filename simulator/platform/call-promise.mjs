/** Promises on which somebody called `then`, `await`ed them, or the like. */
const taken = new WeakSet();

/**
 * The promise that newer versions of the platform return beside the callbacks. It knows whether anybody took it: one that is
 * rejected and that nobody took would be an unhandled rejection.
 */
export class CallPromise extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }

  then(onFulfilled, onRejected) {
    taken.add(this);
    return super.then(onFulfilled, onRejected);
  }

  /**
   * Calls `found` with the reason if it is rejected and nobody has taken it by then.
   *
   * @param {(run: () => void) => void} later runs it in a later turn
   * @param {(reason: any) => void} found
   */
  whenUntaken(later, found) {
    super.then(undefined, (reason) => later(() => {
      if (!taken.has(this)) found(reason);
    }));
  }
}
