/** Calls into the platform and their promises. */

/**
 * Marks a promise's rejection as handled, because nobody may be waiting for it any more.
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
 * Calls a function of the platform with callbacks, which every version supports.
 *
 * @param {object} my
 * @param {Function} call
 * @param {object} options
 * @returns {{ answered: Promise<any>, task: any }} the answer, and the return value: for a request, its task
 */
export function callPlatform(my, call, options) {
  let task;
  const answered = new Promise((success, fail) => {
    task = call.call(my, Object.assign(options, { success, fail }));
  });
  // Newer versions also return a promise.
  quiet(Promise.resolve(task));
  return { answered: quiet(answered), task };
}
