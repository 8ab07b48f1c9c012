/**
 * Returns a field of any value; undefined if it cannot be read.
 *
 * @param {any} object
 * @param {string} name
 * @returns {any}
 */
export function fieldOf(object, name) {
  try {
    return isObject(object) ? object[name] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {any} value
 * @returns {boolean}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null;
}
