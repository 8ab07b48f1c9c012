const registered = new Map();

/**
 * The global `Mixin()`: keeps what pages share, and returns what stands for it.
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
 * The mixins of a page in the order in which they run: whoever is mixed in before whoever mixes it in, earlier before
 * later, each once. What comes later wins.
 *
 * @param {unknown} list the page's `mixins`
 * @returns {{ ids: string[], mixins: { data?: object | Function, observers?: object, methods?: object, rootEvents?: object }[] }}
 */
export function resolveMixins(list = []) {
  const ids = [];
  const visit = (entries) => {
    if (!Array.isArray(entries)) throw new TypeError('mixins is a list of what Mixin() returned');
    for (const id of entries) {
      if (!registered.has(id)) throw new TypeError('mixins of a page takes only what Mixin() returned, not plain objects');
      if (ids.includes(id)) continue;
      visit(registered.get(id).mixins ?? []);
      ids.push(id);
    }
  };
  visit(list);
  return { ids, mixins: ids.map((id) => registered.get(id)) };
}
