import { instanceLost, optionsInvalid, startFailed, toError } from './error.js';
import { putGuard } from './guard.js';

/** @typedef {ReturnType<typeof import('./hosts.js').bind>} Module */

/**
 * The promise of what a function returns or throws. Functions are not `async` here: tools that translate those to ES5 bring a
 * runtime along that makes code from text, which page logic forbids.
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
 * A client of each module, which knows what all of them know.
 *
 * @type {WeakMap<object, any>}
 */
const clients = new WeakMap();

/** Where the module runs: started once, at the first call, never at import. A start that failed may be tried again. */
export class Host {
  /**
   * @param {() => Promise<Module>} instantiate
   * @param {(my: Record<string, any>, client: any, host: Host, options?: object) => object} [guard] what puts the guard in
   *   place there
   * @param {object} [identity] stands for the module that runs there
   * @param {string[]} [options] what `createAuth` takes there besides
   */
  constructor(instantiate, guard = putGuard, identity = instantiate, options = []) {
    this.instantiate = instantiate;
    this.putGuard = guard;
    this.identity = identity;
    this.options = options;
    /** @type {Promise<Module> | undefined} */
    this.started = undefined;
    /**
     * Set after a panic, to its message, and then for good.
     *
     * @type {string | undefined}
     */
    this.lost = undefined;
    /**
     * What a panic rejects: it ends the instance, and its promises would never settle.
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
   * A promise that settles even when the module panics meanwhile.
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
   * What a call fails with. A panic also throws the engine's own error, in whatever ran then.
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
   * As `error`, in words that hold no display information: the names of options and fields are the page's.
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
      // A client in a Worker may be none itself, for its options.
      (refused) => (refused.code === 'options_invalid' ? error : optionsInvalid()),
    );
  }

  /** @param {string} message */
  lose(message) {
    const lost = instanceLost(message);
    this.lost = message;
    this.started = Promise.reject(lost);
    // Every later call is told; nobody has to be there now.
    this.started.catch(() => {});
    this.pending.forEach((reject) => reject(lost));
    this.pending.clear();
  }
}
