/** Calls into the platform, and their promises. */

/**
 * A promise that is no news when it is rejected and nobody waits for it: whoever would have may have ended.
 *
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function quiet(promise) {
  promise.catch(() => {});
  return promise;
}

/**
 * Calls a function of the platform with the callbacks that every version understands.
 *
 * @param {object} my
 * @param {Function} call
 * @param {object} options
 * @returns {{ answered: Promise<any>, task: any }} what it answers, and what it returned at once: of a request, its task
 */
export function callPlatform(my, call, options) {
  let task;
  const answered = new Promise((success, fail) => {
    task = call.call(my, Object.assign(options, { success, fail }));
  });
  // Newer versions return a promise beside the callbacks.
  quiet(Promise.resolve(task));
  return { answered: quiet(answered), task };
}
