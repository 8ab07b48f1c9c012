import { optionsInvalid } from './error.js';

/** Deeper than this, in levels, is a mistake, and no server of this project takes it. */
const MAXIMUM_DEPTH = 32;

/**
 * A copy of what is about to be sent, with every getter and `toJSON` called once: what is checked is what is sent.
 *
 * Values that JSON leaves out (functions, symbols, `undefined`) are left out. Buffers are copied.
 *
 * @param {unknown} value
 * @param {string} place where the value stands, for the message
 * @param {number} [depth]
 * @returns {unknown}
 */
export function snapshot(value, place, depth = 0) {
  if (depth > MAXIMUM_DEPTH) throw optionsInvalid(`${place} is nested more than ${MAXIMUM_DEPTH} levels deep`);
  if (typeof value === 'bigint') throw optionsInvalid(`${place} is a BigInt, which JSON cannot hold: send a string`);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const tag = Object.prototype.toString.call(value);
  // Not `instanceof`: buffers can come from another realm.
  if (tag === '[object ArrayBuffer]') return /** @type {ArrayBuffer} */ (value).slice(0);
  if (ArrayBuffer.isView(value)) return copyView(value);
  const { toJSON } = /** @type {{ toJSON?: unknown }} */ (value);
  if (typeof toJSON === 'function') return snapshot(toJSON.call(value, ''), place, depth + 1);
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const copy = snapshot(item, `${place}[${index}]`, depth + 1);
      return copy === undefined ? null : copy;
    });
  }
  /** @type {Record<string, unknown>} */
  const copy = {};
  for (const name of Object.keys(value)) {
    const field = snapshot(/** @type {Record<string, unknown>} */ (value)[name], `${place}.${name}`, depth + 1);
    if (field !== undefined) {
      Object.defineProperty(copy, name, { value: field, enumerable: true, configurable: true, writable: true });
    }
  }
  return copy;
}

/** @param {ArrayBufferView} view */
function copyView(view) {
  return new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer;
}
