import { isArrayBuffer } from '../platform/plain.mjs';

/** Copies of values that can leave the Worker, and what they lose. */

const DEPTH = 6;
const ENTRIES = 200;
const TEXT = 20_000;

/**
 * A bounded copy for people to read: what a message cannot carry is named instead. An object's own `toJSON` is honoured,
 * so that a value that redacts itself stays redacted.
 * @param {unknown} value
 */
export function describe(value, depth = 0) {
  if (typeof value === 'string')
    {return value.length > TEXT ? `${value.slice(0, TEXT)}… (${value.length} characters)` : value;}
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH) return '[deeper]';
  if (isArrayBuffer(value)) return `[ArrayBuffer, ${value.byteLength} bytes]`;
  if (typeof value.toJSON === 'function')
    {return describe(
      attempt(() => value.toJSON()),
      depth + 1,
    );}
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((item) => describe(item, depth + 1));
  const named = value instanceof Error ? { name: value.name, message: value.message } : {};
  for (const key of Object.keys(value).slice(0, ENTRIES))
    {named[key] = describe(
      attempt(() => value[key]),
      depth + 1,
    );}
  return named;
}

/**
 * What is lost when a value is copied as JSON, in words; nothing where all is kept. A value that says itself what it is as
 * JSON is believed.
 * @param {unknown} value
 * @param {string} [at] where it stands
 * @returns {string | undefined}
 */
export function findLoss(value, at = '', depth = 0) {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return `${at} is ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `${at} is ${value}`;
  if (typeof value !== 'object' || value === null || typeof value.toJSON === 'function' || depth >= DEPTH) return undefined;
  if (!Array.isArray(value) && Object.prototype.toString.call(value) !== '[object Object]')
    {return `${at} is ${Object.prototype.toString.call(value).slice(8, -1)}`;}
  for (const key of Object.keys(value)) {
    const loss = findLoss(value[key], Array.isArray(value) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`, depth + 1);
    if (loss) return loss;
  }
  return undefined;
}

function attempt(read) {
  try {
    return read();
  } catch (error) {
    return `[threw ${error}]`;
  }
}
