import { imports } from '../../generated/imports.js';
import { promised } from '../start.js';
import { bind } from './bind.js';
import { moduleBytes } from './bytes.js';

/**
 * Runs the module as WebAssembly in page logic, its bytes inside this file: the platform's file API would spoil them.
 *
 * @returns {Promise<import('../start.js').Module>}
 */
export function instantiateWasm() {
  return promised(() => {
    if (isTooOld() || typeof WebAssembly === 'undefined') throw new Error('this engine has no WebAssembly');
    return WebAssembly.instantiate(moduleBytes(), { './miniauth_bg.js': imports });
  }).then(({ instance }) => bind(instance.exports));
}

/**
 * On iOS before 12 the app crashes when WebAssembly is touched where code may not be compiled (ckb-sdk-js#496,
 * polkadot-js/wasm#88): the name is not even looked up. `Array.prototype.flat` came with Safari 12 and Chrome 69. A polyfill's
 * is a function with a `prototype`, which cannot be deleted; an engine's own has none (ECMA-262, clause 18).
 */
function isTooOld() {
  const { flat } = /** @type {any} */ (Array.prototype);
  return !flat || 'prototype' in flat;
}
