/** Deeper than this, in levels, nothing is passed on. It also ends cycles. */
const MAXIMUM_DEPTH = 40;

/**
 * What a message can hold of a value: functions and symbols are left out, errors keep their name and message.
 *
 * @param {any} value
 * @param {unknown} [_index] so that it can be mapped over a list
 * @param {unknown} [_list]
 * @param {number} [depth]
 * @returns {any}
 */
export function copyable(value, _index, _list, depth = 0) {
  if (typeof value === 'function' || typeof value === 'symbol' || depth > MAXIMUM_DEPTH) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object ArrayBuffer]' || ArrayBuffer.isView(value)) return value;
  if (tag === '[object Error]') return { ...fields(value, depth), name: String(value.name), message: String(value.message) };
  if (Array.isArray(value)) return value.map((item) => copyable(item, undefined, undefined, depth + 1));
  return fields(value, depth);
}

/**
 * @param {any} object
 * @param {number} depth
 */
function fields(object, depth) {
  /** @type {Record<string, any>} */
  const copy = {};
  Object.keys(object).forEach((name) => {
    const value = copyable(object[name], undefined, undefined, depth + 1);
    // Not an assignment: a field may be called `__proto__`.
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  });
  return copy;
}
