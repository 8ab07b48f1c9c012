import { displayOnlyUnchecked, optionsInvalid } from '../error.js';
import { OUTGOING, replace, tell, withCallbacks } from '../guard.js';
import { snapshot } from '../snapshot.js';

const SYNCHRONOUS = /Sync$/;

/**
 * Puts the Worker's check in front of the platform's own outgoing calls. A call that answers by callback waits for the
 * Worker; one that answers at once cannot.
 *
 * @param {Record<string, any>} my
 * @param {any} client
 * @param {import('../start.js').Host} host
 * @param {{ whenUnsure?: unknown }} [options]
 */
export function putRemoteGuard(my, client, host, options = {}) {
  const { whenUnsure = 'allow' } = options;
  if (whenUnsure !== 'allow' && whenUnsure !== 'refuse') throw optionsInvalid("whenUnsure is 'allow' or 'refuse'");
  /** @type {string[]} */
  const covered = [];
  /** @type {{ name: string, reason: string }[]} */
  const uncovered = [];
  for (const name of OUTGOING) {
    const original = my[name];
    if (typeof original !== 'function') continue;
    const atOnce = SYNCHRONOUS.test(name);
    if (atOnce && whenUnsure === 'allow') {
      uncovered.push({ name, reason: `my.${name} answers at once and cannot wait for the Worker` });
      continue;
    }
    if (!original.guardedByMiniauth) {
      const guarded = (atOnce ? refusingCall : waitingCall)(my, name, original, client, host);
      const failed = replace(my, name, Object.assign(guarded, { guardedByMiniauth: true }));
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
 * @param {object} my
 * @param {string} name
 * @param {Function} original
 * @param {any} client
 * @param {import('../start.js').Host} host
 */
function waitingCall(my, name, original, client, host) {
  return (/** @type {any[]} */ ...passed) => {
    /** @type {unknown[]} */
    let copies;
    try {
      // What cannot be checked any more is not sent.
      if (host.lost) throw host.lost;
      copies = passed.map((argument) => snapshot(argument, name));
    } catch (refused) {
      return tell(passed[0], host.error(refused));
    }
    const checked = client.check(name, copies.length === 1 ? copies[0] : copies);
    const made = checked.then(() => original.apply(my, copies.map((copy, index) => withCallbacks(copy, passed[index]))));
    made.catch((/** @type {unknown} */ refused) => {
      try {
        tell(passed[0], host.error(refused));
      } catch (error) {
        // Nobody is there to catch it any more, and no callback was given.
        console.error(error);
      }
    });
    return laterTask(made);
  };
}

/**
 * What the platform would return at once: each of its methods is called when the platform's own object is there.
 *
 * @param {Promise<any>} made
 */
function laterTask(made) {
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ passed) => {
    const forward = (/** @type {any} */ task) => task && typeof task[name] === 'function' && task[name](...passed);
    made.then(forward, () => {});
  };
  return new Proxy(
    {},
    {
      get: (_, name) =>
        // A promise is what has `then`.
        typeof name !== 'string' || name === 'then' ? undefined : (/** @type {unknown[]} */ ...passed) => call(name, passed),
    },
  );
}

/**
 * @param {object} my
 * @param {string} name
 * @param {Function} original
 * @param {any} client
 */
function refusingCall(my, name, original, client) {
  return (/** @type {any[]} */ ...passed) => {
    if (!client.knowsDisplayInfo) return original.apply(my, passed);
    throw displayOnlyUnchecked(name);
  };
}
