import * as glue from '../../generated/miniauth_bg.js';

/**
 * Gives the glue an instance to work with.
 *
 * @param {object} instance what an instance of the module exports
 */
export function bind(instance) {
  glue.__wbg_set_wasm(instance);
  return glue;
}
