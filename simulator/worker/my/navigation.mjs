import { noteCall, settleLater } from './call.mjs';

/**
 * The calls that move between pages, of `my` and of a page's `router`.
 *
 * @param {import('../navigation.mjs').Navigation} navigation
 * @param {import('../page.mjs').OpenPage} [page] whose router it is: relative addresses start there, and a closed page goes
 *   nowhere
 */
export function navigationCalls(navigation, page) {
  return Object.fromEntries(navigation.facts.calls.map((name) => [name, (options) => navigate(navigation, name, options, page)]));
}

/** Navigation happens after the caller has finished, as on the platform: its own handler is not torn away under it. */
function navigate(navigation, name, options, page) {
  const { stack } = new Error(name);
  Promise.resolve().then(() => {
    if (page?.closed) return;
    const given = typeof options === 'object' && options !== null ? options : {};
    try {
      let answer;
      noteCall(name, { url: given.url, delta: given.delta }, () => {
        answer = navigation[name](given, { base: page?.route, stack });
      });
      settleLater(options, 'success', answer);
    } catch (error) {
      settleLater(options, 'fail', { error: error.error, errorMessage: error.message });
    }
  });
}
