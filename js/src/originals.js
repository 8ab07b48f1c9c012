/**
 * The platform's own functions that the guard replaced, by `my`: a guard installed by one client of this module applies to all.
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
  // Another copy of the package may have installed its guard first: the platform's own function is behind that one.
  if (!kept[name]) kept[name] = original;
  originals.set(my, kept);
}

/**
 * Returns the platform's own function, guarded or not.
 *
 * @param {Record<string, any>} my
 * @param {string} name
 */
export function originalOf(my, name) {
  const kept = originals.get(my);
  return (kept && kept[name]) || my[name];
}
