import { Client, __wbg_set_wasm, onPanic } from '../../generated/miniauth_bg.js';

/**
 * Gives the glue an instance to work with.
 *
 * @param {object} instance what an instance of the module exports
 */
export function bind(instance) {
  __wbg_set_wasm(instance);
  return { Client, onPanic };
}
