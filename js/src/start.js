import * as glue from '../generated/miniauth_bg.js';
import bytes from '../generated/bytes.js';
import { decodeBase64 } from './base64.js';
import { instanceLost, startFailed } from './error.js';

/** @type {Promise<typeof glue> | undefined} */
let started;

/**
 * What a panic rejects: it ends the instance, and its promises would never settle.
 *
 * @type {Set<(reason: unknown) => void>}
 */
const pending = new Set();

/**
 * Starts the module: once, at the first call, never at import. A start that failed may be tried again.
 *
 * @returns {Promise<typeof glue>}
 */
export function start() {
  if (!started) {
    started = instantiate().catch((cause) => {
      started = undefined;
      throw startFailed(cause);
    });
  }
  return started;
}

/**
 * A promise that settles even when the module panics meanwhile.
 *
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function settling(promise) {
  return new Promise((resolve, reject) => {
    pending.add(reject);
    const settled = () => pending.delete(reject);
    promise.then(settled, settled);
    promise.then(resolve, reject);
  });
}

async function instantiate() {
  if (typeof WebAssembly === 'undefined') throw new Error('this engine has no WebAssembly');
  const { instance } = await WebAssembly.instantiate(decodeBase64(bytes), { './miniauth_bg.js': glue });
  const exports = /** @type {{ __wbindgen_start(): void }} */ (/** @type {unknown} */ (instance.exports));
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  glue.onPanic(lose);
  return glue;
}

/** @param {string} message */
function lose(message) {
  const lost = instanceLost(message);
  started = Promise.reject(lost);
  // Every later call is told; nobody has to be there now.
  started.catch(() => {});
  pending.forEach((reject) => reject(lost));
  pending.clear();
}
