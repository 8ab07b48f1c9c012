import { MiniauthError, optionsInvalid } from './error.js';

/** Options of the platform's own calls that these do not take. */
const CALLBACKS = ['success', 'fail', 'complete'];
const INSTEAD = new Map([
  ['header', 'use headers'],
  ['multiple', 'it is set where the platform supports it'],
]);

/**
 * Reads a call's options once: a getter may return something else the next time.
 *
 * @param {string} call
 * @param {unknown} given
 * @param {string[]} names the known options
 * @returns {Record<string, any>}
 */
export function read(call, given, names) {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) throw wrong(`${call}: options must be an object`, given);
  const options = /** @type {Record<string, any>} */ ({ ...given });
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const why = CALLBACKS.includes(unknown) ? 'it returns a promise' : INSTEAD.get(unknown);
    throw optionsInvalid(`${call} has no option ${unknown}${why ? `: ${why}` : ''}. Its options are ${names.join(', ')}`);
  }
  return options;
}

/**
 * Builds the error for a wrong value.
 *
 * @param {string} wanted
 * @param {unknown} given
 */
export function wrong(wanted, given) {
  const kind = typeof given === 'string' ? `'${given.slice(0, 80)}'` : typeof given === 'number' ? String(given) : typeof given;
  return optionsInvalid(`${wanted}, not ${given === null ? 'null' : kind}`);
}

/**
 * Reads the page's input. An error of its getters becomes an invalid-options error.
 *
 * @template T
 * @param {() => T} take
 * @returns {T}
 */
export function taken(take) {
  try {
    return take();
  } catch (thrown) {
    throw thrown instanceof MiniauthError ? thrown : optionsInvalid('the arguments cannot be read: see cause', thrown);
  }
}
