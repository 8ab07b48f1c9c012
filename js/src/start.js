import { instanceLost, optionsInvalid, startFailed, toError } from './error.js';
import { putGuard } from './guard.js';

/** @typedef {ReturnType<typeof import('./hosts.js').bind>} Module */

/**
 * Returns a promise of a function's result or exception. Functions here are not `async`: tools that translate those to ES5 add a runtime
 * that compiles code from strings, which page logic forbids.
 *
 * @template T
 * @param {() => T | Promise<T>} make
 * @returns {Promise<T>}
 */
export function promised(make) {
  return new Promise((resolve) => {
    resolve(make());
  });
}

/**
 * One client per module; it knows what all of the module's clients know.
 *
 * @type {WeakMap<object, any>}
 */
const clients = new WeakMap();

/** Runs the module: started once, at the first call, never on import. A failed start can be retried. */
export class Host {
  /**
   * @param {() => Promise<Module>} instantiate
   * @param {(my: Record<string, any>, client: any, host: Host, options?: object) => object} [guard] installs the guard
   * @param {object} [identity] identifies the running module
   * @param {string[]} [options] further options of `createAuth`
   */
  constructor(instantiate, guard = putGuard, identity = instantiate, options = []) {
    this.instantiate = instantiate;
    this.putGuard = guard;
    this.identity = identity;
    this.options = options;
    /** @type {Promise<Module> | undefined} */
    this.started = undefined;
    /**
     * The panic message; once set, it stays.
     *
     * @type {string | undefined}
     */
    this.lost = undefined;
    /**
     * Rejects pending promises after a panic, which ends the instance: they would never settle.
     *
     * @type {Set<(reason: unknown) => void>}
     */
    this.pending = new Set();
  }

  /** @returns {Promise<Module>} */
  start() {
    if (!this.started) {
      const started = promised(this.instantiate).then((module) => {
        module.onPanic((/** @type {string} */ message) => this.lose(message));
        return module;
      });
      this.started = started.catch((cause) => {
        this.started = undefined;
        throw startFailed(cause);
      });
    }
    return this.started;
  }

  /**
   * Wraps a promise so that it settles even if the module panics.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  settling(promise) {
    return new Promise((resolve, reject) => {
      this.pending.add(reject);
      const settled = () => this.pending.delete(reject);
      promise.then(settled, settled);
      promise.then(resolve, reject);
    });
  }

  /**
   * Returns the error of a call. A panic also throws an engine error in the code that was running.
   *
   * @param {unknown} thrown
   */
  error(thrown) {
    return this.lost === undefined ? toError(thrown) : instanceLost(this.lost);
  }

  /** @param {object} client of this module */
  remember(client) {
    clients.set(this.identity, client);
  }

  /**
   * Like `error`, but without display information in the message: names of options and fields come from the page.
   *
   * @param {unknown} thrown
   * @returns {Promise<unknown>}
   */
  told(thrown) {
    const error = /** @type {any} */ (this.error(thrown));
    const client = clients.get(this.identity);
    if (!client || this.lost !== undefined || !error || error.code !== 'options_invalid') return Promise.resolve(error);
    return promised(() => client.check('message', error.message)).then(
      () => error,
      // A client in a Worker may have failed itself, because of its options.
      (refused) => (refused.code === 'options_invalid' ? error : optionsInvalid()),
    );
  }

  /** @param {string} message */
  lose(message) {
    const lost = instanceLost(message);
    this.lost = message;
    this.started = Promise.reject(lost);
    // Later calls get the rejection; nobody need handle it now.
    this.started.catch(() => {});
    this.pending.forEach((reject) => reject(lost));
    this.pending.clear();
  }
}
