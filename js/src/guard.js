import { MADE, MAKERS, OUTGOING, UNGUARDED } from '../generated/outgoing.js';
import { keepOriginal } from './originals.js';
import { snapshot } from './snapshot.js';

const CALLBACKS = ['success', 'fail', 'complete'];

/** The platform's calls that give page code display information. */
const LEARNING = ['getOpenUserInfo', 'getAuthUserInfo'];

/**
 * How a call is guarded.
 *
 * @typedef {object} Guarding
 * @property {(name: string) => string | undefined} whyNot why a call cannot be guarded
 * @property {(owner: any, name: string, original: Function) => Function} wrap builds the guarded function
 * @property {(answer: unknown) => void} learn records what page code learns by its own calls
 *
 * @typedef {{ covered: string[], watched: string[], uncovered: { name: string, reason: string }[] }} Report
 */

/**
 * Puts a check in front of the platform's outgoing calls, and records the answers of those that give page code display information.
 *
 * @param {Record<string, any>} my
 * @param {import('../generated/miniauth_bg.js').Client} client
 * @param {import('./start.js').Host} host
 * @returns {Report}
 */
export function putGuard(my, client, host) {
  return guardAll(my, host.identity, {
    whyNot: () => undefined,
    wrap: (owner, name, original) => guardedCall(owner, name, original, client, host),
    learn: (answer) => client.learn(answer),
  });
}

/**
 * Guards every call of this platform through which data can leave the page. Objects that a call returns later, such as a SocketTask, are
 * guarded when they are created; if that fails, they are added to `uncovered` then.
 *
 * @param {Record<string, any>} my
 * @param {object} identity the owner of these checks: another copy of the package knows other users, so its checks are not enough
 * @param {Guarding} guarding
 * @returns {Report}
 */
export function guardAll(my, identity, guarding) {
  /** @type {Report} */
  const report = { covered: [], watched: [], uncovered: [] };
  const leave = (/** @type {string} */ name, /** @type {string} */ reason) => void report.uncovered.push({ name, reason });

  /** @returns {boolean} whether it is guarded now */
  const guard = (
    /** @type {any} */ owner,
    /** @type {string} */ key,
    /** @type {string} */ name,
    { whyNot, wrap } = /** @type {Pick<Guarding, 'whyNot' | 'wrap'>} */ (guarding),
  ) => {
    const original = owner[key];
    if (typeof original !== 'function') return false;
    const by = original.guardedByMiniauth || [];
    if (by.includes(identity)) return true;
    const guarded = Object.assign(wrap(owner, name, original), { guardedByMiniauth: by.concat([identity]) });
    const failed = whyNot(name) || replace(owner, key, guarded, name);
    if (failed) leave(name, failed);
    else if (owner === my) keepOriginal(my, name, original);
    return !failed;
  };

  for (const path of OUTGOING) {
    const { owner, key } = find(my, path);
    if (!owner) continue;
    for (const each of key === '*' ? Object.keys(owner) : [key]) {
      const name = path.replace('*', each);
      if (guard(owner, each, name)) report.covered.push(name);
    }
  }
  for (const maker of Object.keys(MADE)) {
    if (typeof my[maker] !== 'function') continue;
    const names = MADE[maker].filter((name) => {
      const reason = guarding.whyNot(name);
      if (reason) leave(name, reason);
      return !reason;
    });
    const failed = guardMade(my, maker, identity, (made) => {
      for (const name of names) guard(made, name.slice(name.indexOf('.') + 1), name);
    });
    for (const name of names) {
      if (failed) leave(name, failed);
      else report.covered.push(name);
    }
  }
  const watching = {
    whyNot: () => undefined,
    wrap: (/** @type {any} */ owner, /** @type {string} */ _, /** @type {Function} */ original) =>
      learningCall(owner, original, guarding.learn),
  };
  report.watched = LEARNING.filter((name) => guard(my, name, name, watching));
  for (const name of Object.keys(UNGUARDED)) {
    const { owner, key } = find(my, MAKERS[name] || name);
    // The page's own functions exist on every platform.
    if (name.startsWith('Page.') || (owner && owner[key])) leave(name, UNGUARDED[name]);
  }
  return report;
}

/**
 * Finds a call's owner: `cloud.callFunction` is in `my.cloud`.
 *
 * @param {any} my
 * @param {string} path
 */
function find(my, path) {
  const parts = path.split('.');
  const key = /** @type {string} */ (parts.pop());
  return { owner: parts.reduce((owner, part) => owner && owner[part], my), key };
}

/**
 * Passes a call's return value to `prepare` first.
 *
 * @param {Record<string, any>} my
 * @param {string} name
 * @param {object} identity
 * @param {(made: any) => void} prepare
 * @returns {string | undefined} why it failed
 */
function guardMade(my, name, identity, prepare) {
  const original = my[name];
  const by = original.preparesForMiniauth || [];
  if (by.includes(identity)) return undefined;
  const making = (/** @type {unknown[]} */ ...passed) => {
    const made = original.apply(my, passed);
    if (made) prepare(made);
    return made;
  };
  return replace(my, name, Object.assign(making, original, { preparesForMiniauth: by.concat([identity]) }), name);
}

/**
 * @param {any} owner
 * @param {string} key
 * @param {Function} guarded
 * @param {string} name
 * @returns {string | undefined} why it failed
 */
function replace(owner, key, guarded, name) {
  const reason = `my.${name} cannot be replaced`;
  try {
    owner[key] = guarded;
  } catch (refused) {
    return `${reason}: ${refused}`;
  }
  return owner[key] === guarded ? undefined : reason;
}

/**
 * Wraps a call so that its answers are recorded before page code gets them, by callback or promise.
 *
 * @param {object} owner
 * @param {Function} original
 * @param {(answer: unknown) => void} learn
 */
function learningCall(owner, original, learn) {
  const take = (/** @type {unknown} */ answer) => {
    try {
      learn(answer);
    } catch {
      // Page code gets its answer even if the module has failed: nothing is sent from then on.
    }
  };
  return (/** @type {any} */ options, /** @type {unknown[]} */ ...rest) => {
    const passed = typeof options === 'object' && options !== null ? { ...options } : options;
    for (const name of ['success', 'complete']) {
      const told = passed && passed[name];
      if (typeof told !== 'function') continue;
      passed[name] = (/** @type {unknown[]} */ ...answer) => {
        take(answer[0]);
        return told(...answer);
      };
    }
    const returned = original.call(owner, passed, ...rest);
    if (returned && typeof returned.then === 'function') returned.then(take, () => {});
    return returned;
  };
}

/**
 * Wraps a call so that it passes on the checked copy. A rejection goes to `fail` and `complete` if given, and is thrown otherwise.
 *
 * @param {object} owner
 * @param {string} name
 * @param {Function} original
 * @param {import('../generated/miniauth_bg.js').Client} client
 * @param {import('./start.js').Host} host
 */
function guardedCall(owner, name, original, client, host) {
  return (/** @type {unknown[]} */ ...passed) => {
    /** @type {unknown[]} */
    let copies;
    try {
      // Without the module nothing can be checked, so nothing is sent.
      if (host.lost) throw host.lost;
      copies = passed.map((argument) => snapshot(argument, name));
      client.check(name, copies.length === 1 ? copies[0] : copies);
    } catch (refused) {
      return tell(passed[0], host.error(refused));
    }
    return original.apply(
      owner,
      copies.map((copy, index) => withCallbacks(copy, passed[index])),
    );
  };
}

/**
 * @param {any} copy
 * @param {any} options
 */
export function withCallbacks(copy, options) {
  if (typeof options === 'function') return options;
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
  const failure = /** @type {any} */ (error);
  // Shaped like the platform's own failures; no platform call uses this number.
  if (failure && failure.code) Object.assign(failure, { error: -1, errorMessage: failure.message });
  for (const name of told) options[name](failure);
}
