import { optionsInvalid } from './error.js';

/** Deeper nesting is a mistake, and no server of this project accepts it. */
const MAXIMUM_DEPTH = 32;

const BOXED = /String|Number|Boolean|BigInt/;

/**
 * Copies outgoing data, calling every getter and `toJSON` once: what is checked is what is sent.
 *
 * Values that JSON omits (functions, symbols, `undefined`) are omitted. Buffers are copied.
 *
 * @param {unknown} value
 * @param {string} place the value's place, for the message
 * @returns {unknown}
 */
export function snapshot(value, place) {
  return copyOf(value, [place], 0);
}

/**
 * @param {unknown} value
 * @param {(string | number)[]} path the names leading to it, joined only for a message
 * @param {number} depth
 * @returns {unknown}
 */
function copyOf(value, path, depth) {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value === 'bigint') throw unfit(path, 'is a BigInt, which JSON cannot hold: send a string');
  if (depth > MAXIMUM_DEPTH) throw unfit(path, `is nested more than ${MAXIMUM_DEPTH} levels deep`);
  if (typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return copyView(value);
  // `instanceof` would miss buffers of another realm.
  const tag = Array.isArray(value) ? '' : Object.prototype.toString.call(value);
  if (tag === '[object ArrayBuffer]') return /** @type {ArrayBuffer} */ (value).slice(0);
  const { toJSON } = /** @type {{ toJSON?: unknown }} */ (value);
  if (typeof toJSON === 'function') return copyOf(toJSON.call(value, ''), path, depth + 1);
  // Boxed values such as `new String('x')`, as JSON treats them.
  if (BOXED.test(tag)) return copyOf(value.valueOf(), path, depth + 1);
  return tag === '' ? copyList(/** @type {unknown[]} */ (value), path, depth + 1) : copyFields(value, path, depth + 1);
}

/**
 * @param {unknown[]} list
 * @param {(string | number)[]} path
 * @param {number} depth
 */
function copyList(list, path, depth) {
  const copies = [];
  for (let index = 0; index < list.length; index += 1) {
    path.push(index);
    const copy = copyOf(list[index], path, depth);
    copies.push(copy === undefined ? null : copy);
    path.pop();
  }
  return copies;
}

/**
 * @param {object} fields
 * @param {(string | number)[]} path
 * @param {number} depth
 */
function copyFields(fields, path, depth) {
  /** @type {Record<string, unknown>} */
  const copies = {};
  for (const name of Object.keys(fields)) {
    path.push(name);
    const copy = copyOf(/** @type {Record<string, unknown>} */ (fields)[name], path, depth);
    path.pop();
    if (copy === undefined) continue;
    // Assignment is much faster than definition, and equivalent unless the prototype has the name too.
    if (name in copies) {
      Object.defineProperty(copies, name, { value: copy, enumerable: true, configurable: true, writable: true });
    } else {
      copies[name] = copy;
    }
  }
  return copies;
}

/**
 * @param {(string | number)[]} path
 * @param {string} why
 */
function unfit(path, why) {
  const place = path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
  return optionsInvalid(`${place} ${why}`);
}

/** @param {ArrayBufferView} view */
function copyView(view) {
  return new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer;
}
