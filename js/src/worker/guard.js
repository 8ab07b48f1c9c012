import { UNCHECKED } from '../../generated/failures.js';
import { optionsInvalid, toError } from '../error.js';
import { guardAll, tell, withCallbacks } from '../guard.js';
import { snapshot } from '../snapshot.js';

const SYNCHRONOUS = /Sync$/;

/**
 * Puts the Worker's check in front of the platform's outgoing calls. A call that answers by callback waits for the Worker; a synchronous
 * one cannot.
 *
 * @param {Record<string, any>} my
 * @param {any} client
 * @param {import('../start.js').Host} host
 * @param {{ whenUnsure?: unknown }} [options]
 */
export function putRemoteGuard(my, client, host, options = {}) {
  const { whenUnsure = 'allow' } = options;
  if (whenUnsure !== 'allow' && whenUnsure !== 'refuse') throw optionsInvalid("guard: whenUnsure must be 'allow' or 'refuse'");
  return guardAll(my, host.identity, {
    whyNot: (name) =>
      whenUnsure === 'allow' && SYNCHRONOUS.test(name) ? `my.${name} is synchronous and cannot wait for the Worker` : undefined,
    wrap: (owner, name, original) => (SYNCHRONOUS.test(name) ? refusingCall : waitingCall)(owner, name, original, client, host),
    learn: (answer) => client.learn(answer),
  });
}

/**
 * Wraps a call that waits for the Worker's check.
 *
 * @param {object} owner
 * @param {string} name
 * @param {Function} original
 * @param {any} client
 * @param {import('../start.js').Host} host
 */
function waitingCall(owner, name, original, client, host) {
  return (/** @type {any[]} */ ...passed) => {
    /** @type {unknown[]} */
    let copies;
    try {
      // Without the Worker's module nothing can be checked, so nothing is sent.
      if (host.lost) throw host.lost;
      copies = passed.map((argument) => snapshot(argument, name));
    } catch (refused) {
      return tell(passed[0], host.error(refused));
    }
    const checked = client.check(name, copies.length === 1 ? copies[0] : copies);
    const made = checked.then(() =>
      original.apply(
        owner,
        copies.map((copy, index) => withCallbacks(copy, passed[index])),
      ),
    );
    made.catch((/** @type {unknown} */ refused) => {
      try {
        tell(passed[0], host.error(refused));
      } catch (error) {
        // It is too late to throw, and no callback was given.
        console.error(error);
      }
    });
    return laterTask(made);
  };
}

/**
 * Stands in for the platform's return value: method calls are forwarded once the real object exists.
 *
 * @param {Promise<any>} made
 */
function laterTask(made) {
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ passed) => {
    const forward = (/** @type {any} */ task) => task && typeof task[name] === 'function' && task[name](...passed);
    made.then(forward, () => {});
  };
  return new Proxy(Object.create(null), {
    get: (own, name) => {
      // Set by the guard.
      if (name in own) return own[name];
      // Must not look like a promise.
      return typeof name !== 'string' || name === 'then' ? undefined : (/** @type {unknown[]} */ ...passed) => call(name, passed);
    },
  });
}

/**
 * Wraps a synchronous call, which throws once display information is known.
 *
 * @param {object} owner
 * @param {string} name
 * @param {Function} original
 * @param {any} client
 */
function refusingCall(owner, name, original, client) {
  return (/** @type {any[]} */ ...passed) => {
    if (!client.knowsDisplayInfo()) return original.apply(owner, passed);
    throw toError({ ...UNCHECKED, message: `my.${name} is synchronous, so the Worker cannot check it for nickname and avatar.` });
  };
}
