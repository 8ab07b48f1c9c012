/** Runs the module: as WebAssembly in page logic, or as plain JavaScript. */

import { imports } from '../generated/imports.js';
import { Client, __wbg_set_wasm, onPanic } from '../generated/miniauth_bg.js';
import { alphabet, checksum, size, text } from '../generated/module.js';
import instantiate from '../generated/plain.js';
import { engineFailed } from './glue.js';
import { promised } from './start.js';

/** Some engines have no WebAssembly, and some have one that refuses to run. */
export function instantiateEither() {
  return instantiateWasm().catch(instantiatePlain);
}

/**
 * Runs the module as WebAssembly in page logic. Its bytes are in this package's code, because the platform's file API would corrupt them.
 *
 * @returns {Promise<import('./start.js').Module>}
 */
export function instantiateWasm() {
  return promised(() => {
    if (isTooOld() || typeof WebAssembly === 'undefined') throw new Error('this engine has no WebAssembly');
    return WebAssembly.instantiate(moduleBytes(), { m: imports });
  }).then(({ instance }) => bind(instance.exports));
}

/**
 * On iOS before 12 the app crashes when WebAssembly is touched where code may not be compiled (ckb-sdk-js#496, polkadot-js/wasm#88), so the
 * name is not even looked up. `Array.prototype.flat` came with Safari 12 and Chrome 69. A polyfill is a function with a `prototype`, which
 * cannot be deleted; a built-in function has none (ECMA-262, clause 18).
 */
function isTooOld() {
  const { flat } = /** @type {any} */ (Array.prototype);
  return !flat || 'prototype' in flat;
}

/**
 * Runs the module as plain JavaScript, for engines without WebAssembly.
 *
 * @returns {Promise<import('./start.js').Module>}
 */
export function instantiatePlain() {
  return promised(() => bind(instantiate(imports)));
}

/**
 * Connects the glue to an instance.
 *
 * @param {Record<string, any>} instance the exports of a module instance
 */
export function bind(instance) {
  /** @type {Record<string, any>} */
  const exports = {};
  for (const name of Object.keys(instance)) {
    const isCall = typeof instance[name] === 'function' && name.slice(0, 11) !== '__wbindgen_';
    exports[name] = isCall ? unwinding(instance[name], instance.__wbindgen_add_to_stack_pointer) : instance[name];
  }
  __wbg_set_wasm(exports);
  return { Client, onPanic };
}

/**
 * Wraps a call into the module so that JavaScript exceptions can pass through it: the module borrows nothing while it calls JavaScript, and
 * its stack pointer is restored.
 *
 * @param {Function} call
 * @param {(bytes: number) => number} moveStack
 */
function unwinding(call, moveStack) {
  return (/** @type {unknown[]} */ ...passed) => {
    const stack = moveStack(0);
    try {
      return call(...passed);
    } catch (thrown) {
      moveStack(stack - moveStack(0));
      throw engineFailed(thrown);
    }
  };
}

/**
 * Decodes the module's bytes. If a tool read this file as anything but UTF-8, or changed it, the engine would compile garbage; the checksum
 * detects that.
 *
 * @returns {Uint8Array}
 */
export function moduleBytes() {
  if (alphabet.length !== 256) throw damaged();
  // One-character bytes and their positions among them; two-character bytes.
  const values = [];
  const places = [];
  const rare = [];
  for (let byte = 0; byte < 256; byte += 1) {
    const code = alphabet.charCodeAt(byte);
    if (code > 126) {
      rare.push(byte);
    } else {
      values[code] = byte;
      places[code] = byte - rare.length;
    }
  }
  const bytes = new Uint8Array(size);
  let sum = 0;
  let sums = 0;
  for (let at = 0, read = 0; at < size; at += 1, read += 1) {
    const code = text.charCodeAt(read);
    let byte = values[code];
    if (byte === undefined) {
      read += 1;
      byte = rare[(code - 32) * (256 - rare.length) + places[text.charCodeAt(read)]];
    }
    bytes[at] = byte;
    sum += byte;
    sums += sum;
  }
  if (sums !== checksum) throw damaged();
  return bytes;
}

/** The non-ASCII letter as Latin-1: two characters, of which this is the first. */
const IN_LATIN_1 = /\u00c9/;

function damaged() {
  const how = IN_LATIN_1.test(alphabet) ? 'was read as Latin-1' : 'was changed, or not read as UTF-8';
  return new Error(`the module in this package ${how}: make your build tool read the file as UTF-8`);
}
