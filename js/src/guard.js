import { snapshot } from './snapshot.js';

/** The platform's calls through which page code could let display information out. */
export const OUTGOING = [
  'httpRequest',
  'request',
  'uploadFile',
  'connectSocket',
  'sendSocketMessage',
  'setStorage',
  'setStorageSync',
  'reportAnalytics',
];

const CALLBACKS = ['success', 'fail', 'complete'];

/**
 * Puts a check in front of the platform's own outgoing calls.
 *
 * @param {Record<string, any>} my
 * @param {import('../generated/miniauth_bg.js').Client} client
 * @param {import('./start.js').Host} host
 * @returns {{ covered: string[], uncovered: { name: string, reason: string }[] }}
 */
export function putGuard(my, client, host) {
  /** @type {string[]} */
  const covered = [];
  /** @type {{ name: string, reason: string }[]} */
  const uncovered = [];
  for (const name of OUTGOING) {
    const original = my[name];
    if (typeof original !== 'function') continue;
    if (!original.guardedByMiniauth) {
      const guarded = guardedCall(my, name, original, client, host);
      const failed = replace(my, name, guarded);
      if (failed) {
        uncovered.push({ name, reason: failed });
        continue;
      }
      client.keepOriginal(name, original);
    }
    covered.push(name);
  }
  return { covered, uncovered };
}

/**
 * @param {Record<string, any>} my
 * @param {string} name
 * @param {Function} guarded
 * @returns {string | undefined} why it could not be done
 */
export function replace(my, name, guarded) {
  try {
    my[name] = guarded;
  } catch (refused) {
    return `my.${name} cannot be replaced: ${refused}`;
  }
  return my[name] === guarded ? undefined : `my.${name} cannot be replaced`;
}

/**
 * A call that passes on a copy of what was checked. A refusal is told to `fail` and `complete` where they are given, and
 * thrown where they are not.
 *
 * @param {object} my
 * @param {string} name
 * @param {Function} original
 * @param {import('../generated/miniauth_bg.js').Client} client
 * @param {import('./start.js').Host} host
 */
function guardedCall(my, name, original, client, host) {
  const guarded = (/** @type {unknown[]} */ ...passed) => {
    /** @type {unknown[]} */
    let copies;
    try {
      // What cannot be checked any more is not sent.
      if (host.lost) throw host.lost;
      copies = passed.map((argument) => snapshot(argument, name));
      client.check(name, copies.length === 1 ? copies[0] : copies);
    } catch (refused) {
      return tell(passed[0], host.error(refused));
    }
    return original.apply(my, copies.map((copy, index) => withCallbacks(copy, passed[index])));
  };
  return Object.assign(guarded, { guardedByMiniauth: true });
}

/**
 * @param {any} copy
 * @param {any} options
 */
export function withCallbacks(copy, options) {
  if (typeof copy !== 'object' || copy === null) return copy;
  for (const name of CALLBACKS) {
    if (typeof options[name] === 'function') copy[name] = options[name];
  }
  return copy;
}

/**
 * @param {any} options
 * @param {unknown} error
 */
export function tell(options, error) {
  const told = options && ['fail', 'complete'].filter((name) => typeof options[name] === 'function');
  if (!told || told.length === 0) throw error;
  for (const name of told) options[name](error);
}
