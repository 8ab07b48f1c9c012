/** Milliseconds that `my.getSetting` may take: nothing waits for it that matters. */
const TIMEOUT = 2000;

/**
 * What the platform says of consents without asking the user; nothing where it has no such call, fails or does not answer.
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
