const registered = new Map();

/**
 * The global `Mixin()`: registers shared options and returns their id.
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
 * Returns mixins in the order in which they run: a mixin's own mixins before it, earlier ones before later ones, each once. Later ones win.
 *
 * @param {unknown} list the `mixins` of a page or of a component
 * @param {{ plain: boolean }} options whether plain objects are allowed, as in components
 * @returns {{ ids: string[], mixins: object[] }}
 */
export function resolveMixins(list = [], { plain }) {
  const ids = [];
  const mixins = [];
  const visit = (entries, takesPlain) => {
    if (!Array.isArray(entries)) throw new TypeError(`mixins must be a list of ids from Mixin()${plain ? ', or of objects' : ''}`);
    for (const entry of entries) {
      if (takesPlain && typeof entry === 'object' && entry !== null) {
        mixins.push(entry);
        continue;
      }
      if (!registered.has(entry))
        throw new TypeError(
          takesPlain
            ? 'mixins of a component takes ids from Mixin() and objects'
            : `mixins of a ${plain ? 'Mixin' : 'page'} takes only ids from Mixin(), not plain objects`,
        );
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
