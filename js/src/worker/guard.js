import { UNCHECKED } from '../../generated/failures.js';
import { optionsInvalid, toError } from '../error.js';
import { guardAll, tell, withCallbacks } from '../guard.js';
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
  return guardAll(my, host.identity, {
    whyNot: (name) =>
      whenUnsure === 'allow' && SYNCHRONOUS.test(name)
        ? `my.${name} answers at once and cannot wait for the Worker`
        : undefined,
    wrap: (owner, name, original) => (SYNCHRONOUS.test(name) ? refusingCall : waitingCall)(owner, name, original, client, host),
    learn: (answer) => client.learn(answer),
  });
}

/**
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
      // What cannot be checked any more is not sent.
      if (host.lost) throw host.lost;
      copies = passed.map((argument) => snapshot(argument, name));
    } catch (refused) {
      return tell(passed[0], host.error(refused));
    }
    const checked = client.check(name, copies.length === 1 ? copies[0] : copies);
    const made = checked.then(() => original.apply(owner, copies.map((copy, index) => withCallbacks(copy, passed[index]))));
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
  return new Proxy(Object.create(null), {
    get: (own, name) => {
      // What the guard has put there.
      if (name in own) return own[name];
      // A promise is what has `then`.
      return typeof name !== 'string' || name === 'then' ? undefined : (/** @type {unknown[]} */ ...passed) => call(name, passed);
    },
  });
}

/**
 * @param {object} owner
 * @param {string} name
 * @param {Function} original
 * @param {any} client
 */
function refusingCall(owner, name, original, client) {
  return (/** @type {any[]} */ ...passed) => {
    if (!client.knowsDisplayInfo()) return original.apply(owner, passed);
    throw toError({ ...UNCHECKED, message: `my.${name} cannot be checked by a Worker, and display information is known.` });
  };
}
