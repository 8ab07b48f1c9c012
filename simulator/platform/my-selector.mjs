/** The fields of an element's position and size. */
const PLACE = { rect: true, size: true, place: true };

/**
 * `my.createSelectorQuery`: collects queries and runs them at `exec`. A query that runs before the page is drawn finds nothing.
 *
 * @param {import('./my.mjs').Front} front
 * @param {number} [page] the page of the nodes; by default the front page
 */
export function selectorQuery(front, page) {
  const asked = [];
  const callbacks = [];
  let nodes = null;
  const pick = (picked) => {
    nodes = picked;
    return query;
  };
  const ask = (fields, callback) => {
    if (nodes === null) throw new TypeError('SelectorQuery: call select first');
    asked.push({ ...nodes, fields });
    callbacks.push(callback);
    return query;
  };
  const query = {
    select: (selector) => pick({ selector: String(selector), all: false }),
    selectAll: (selector) => pick({ selector: String(selector), all: true }),
    selectViewport: () => pick({ viewport: true }),
    boundingClientRect: (callback) => ask(PLACE, callback),
    scrollOffset: (callback) => ask({ scrollOffset: true }, callback),
    fields: (fields, callback) => ask({ ...fields }, callback),
    node: (callback) => ask({ node: true }, callback),
    context: (callback) => ask({ context: true }, callback),
    in: () => query,
    exec(callback) {
      const told = (_outcome, { results = [] }) => {
        const heard = [...callbacks.map((each, index) => [each, results[index]]), [callback, results]];
        for (const [each, value] of heard) if (typeof each === 'function') front.run(() => each(value));
      };
      front.call('SelectorQuery.exec', { page, queries: asked }, told);
      return query;
    },
  };
  return query;
}
