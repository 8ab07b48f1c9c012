const registered = new Map();

/**
 * The global `Mixin()`: keeps what pages and components share, and returns what stands for it.
 *
 * @param {object} options
 * @returns {string}
 */
export function registerMixin(options) {
  const id = `mixin-${registered.size + 1}`;
  registered.set(id, options ?? {});
  return id;
}

/**
 * Mixins in the order in which they run: whoever is mixed in before whoever mixes it in, earlier before later, each once. What comes
 * later wins.
 *
 * @param {unknown} list the `mixins` of a page or of a component
 * @param {{ plain: boolean }} options whether plain objects are taken too, as components do
 * @returns {{ ids: string[], mixins: object[] }}
 */
export function resolveMixins(list = [], { plain }) {
  const ids = [];
  const mixins = [];
  const visit = (entries, takesPlain) => {
    if (!Array.isArray(entries)) throw new TypeError(`mixins is a list of what Mixin() returned${plain ? ', or of objects' : ''}`);
    for (const entry of entries) {
      if (takesPlain && typeof entry === 'object' && entry !== null) {
        mixins.push(entry);
        continue;
      }
      if (!registered.has(entry)) throw new TypeError(takesPlain ? 'mixins of a component takes what Mixin() returned, and objects' : `mixins of a ${plain ? 'Mixin' : 'page'} takes only what Mixin() returned, not plain objects`);
      if (ids.includes(entry)) continue;
      const mixin = registered.get(entry);
      visit(mixin.mixins ?? [], false);
      ids.push(entry);
      mixins.push(mixin);
    }
  };
  visit(list, plain);
  return { ids, mixins };
}
