/** The time limit of `my.getSetting`, in milliseconds: nothing important waits for it. */
const TIMEOUT = 2000;

/**
 * Reads the platform's consents without asking the user; undefined if the call is missing, fails or does not answer.
 *
 * @param {Record<string, any>} my
 * @returns {Promise<object | undefined>}
 */
export function settingOf(my) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, TIMEOUT);
    const answer = (/** @type {any} */ answered) => {
      clearTimeout(timer);
      resolve(answered && answered.authSetting);
    };
    try {
      Promise.resolve(my.getSetting({ success: answer, fail: () => answer(undefined) })).catch(() => {});
    } catch {
      answer(undefined);
    }
  });
}
