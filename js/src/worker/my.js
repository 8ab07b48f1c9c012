import { page } from './page.js';

let lastCall = 0;

/**
 * Builds the module's `my` in the Worker: the page makes every call.
 *
 * @param {number} client
 * @param {{ calls: string[], answersAtOnce: string[], usable: Record<string, boolean> }} platform
 * @param {{ key: string, answer: any }[]} stored
 * @param {(task: { request?: number }, options: any, answer: any) => Promise<void>} before runs before the module sees an answer
 */
export function forwardedMy(client, platform, stored, before) {
  /** @type {Record<string, any>} */
  const my = { isForwarded: true, canIUse: (/** @type {string} */ name) => platform.usable[name] === true };
  platform.calls.forEach((name) => {
    my[name] = (/** @type {any} */ { success, fail, ...options }) => {
      lastCall += 1;
      const call = lastCall;
      /** @type {{ request?: number, abort: () => void }} */
      const task = { request: undefined, abort: () => page.tell('abort', client, call) };
      const ready = (/** @type {any} */ answer) => before(task, options, answer).then(() => answer);
      // Deferred, because the module sets the page's request only afterwards.
      Promise.resolve()
        .then(() => page.ask('my', client, call, name, options, task.request))
        .then(
          (answer) => ready(answer).then(success),
          (failure) => ready(failure).then(fail),
        );
      return task;
    };
  });
  platform.answersAtOnce.forEach((name) => {
    my[name] = (/** @type {{ key: string, data?: unknown }} */ options) => {
      if (name === 'getStorageSync') return read(stored, options.key);
      page.tell('store', client, name, options);
      return {};
    };
  });
  return my;
}

/**
 * @param {{ key: string, answer: any }[]} stored
 * @param {string} key
 */
function read(stored, key) {
  const found = stored.filter((entry) => entry.key === key)[0];
  if (!found) throw new Error("the platform's storage failed");
  return found.answer;
}
