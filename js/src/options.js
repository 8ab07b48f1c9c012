import { MiniauthError, optionsInvalid } from './error.js';

/** What the platform's own calls take, and these do not. */
const CALLBACKS = ['success', 'fail', 'complete'];
const INSTEAD = new Map([
  ['header', 'it is called headers'],
  ['multiple', 'it opens one of several wherever it can'],
]);

/**
 * Reads the options of a call, once: a getter may say something else the next time.
 *
 * @param {string} call
 * @param {unknown} given
 * @param {string[]} names of what it takes
 * @returns {Record<string, any>}
 */
export function read(call, given, names) {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) throw wrong(`${call} takes an object of options`, given);
  const options = /** @type {Record<string, any>} */ ({ ...given });
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const why = CALLBACKS.includes(unknown) ? `${call} returns a promise` : INSTEAD.get(unknown);
    throw optionsInvalid(`${call} has no option ${unknown}${why ? ` (${why})` : ''}; it takes ${names.join(', ')}`);
  }
  return options;
}

/**
 * @param {string} wanted
 * @param {unknown} given
 */
export function wrong(wanted, given) {
  const kind = typeof given === 'string' ? `'${given.slice(0, 80)}'` : typeof given === 'number' ? String(given) : typeof given;
  return optionsInvalid(`${wanted}, not ${given === null ? 'null' : kind}`);
}

/**
 * Takes something of the page's down. What its own getters throw is a wrong option of the call.
 *
 * @template T
 * @param {() => T} take
 * @returns {T}
 */
export function taken(take) {
  try {
    return take();
  } catch (thrown) {
    throw thrown instanceof MiniauthError ? thrown : optionsInvalid('what was passed cannot be read: see cause', thrown);
  }
}
