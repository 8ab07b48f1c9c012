/**
 * The platform's own functions where the guard stands in front of them, by the `my` that they stand on: what one client of this
 * module has put there is there for all of them.
 *
 * @type {WeakMap<object, Record<string, Function>>}
 */
const originals = new WeakMap();

/**
 * @param {object} my
 * @param {string} name
 * @param {Function} original
 */
export function keepOriginal(my, name, original) {
  const kept = originals.get(my) || {};
  // Another copy of the package may have put its guard there first: the platform's own is behind that one.
  if (!kept[name]) kept[name] = original;
  originals.set(my, kept);
}

/**
 * The platform's own function, whether the guard stands in front of it or not.
 *
 * @param {Record<string, any>} my
 * @param {string} name
 */
export function originalOf(my, name) {
  const kept = originals.get(my);
  return (kept && kept[name]) || my[name];
}
