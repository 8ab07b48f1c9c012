/**
 * `my.createIntersectionObserver`: reports when elements matching a selector enter or leave the view.
 *
 * @param {import('./my.mjs').Front} front
 * @param {any} [options] from page code
 * @param {number} [page] the page of the nodes; by default the front page
 */
export function intersectionObserver(front, options, page) {
  const { thresholds = [0], initialRatio = 0, selectAll = false, dataset = false } = options ?? {};
  let relative = { selector: null, margins: {} };
  const running = [];
  const observer = {
    relativeTo(selector, margins = {}) {
      relative = { selector: String(selector), margins: { ...margins } };
      return observer;
    },
    relativeToViewport(margins = {}) {
      relative = { selector: null, margins: { ...margins } };
      return observer;
    },
    in: () => observer,
    observe(selector, callback) {
      const fields = { page, selector: String(selector), thresholds, initialRatio, selectAll, dataset, relative };
      const hear = (_event, value) => typeof callback === 'function' && front.run(() => callback(value));
      running.push(front.call('IntersectionObserver.observe', fields, () => {}, hear));
    },
    disconnect() {
      for (const task of running.splice(0)) task.abort();
    },
  };
  return observer;
}
