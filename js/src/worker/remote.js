import { copyable } from './copyable.js';
import { DisplayInfo } from '../display-info.js';
import { Line } from './line.js';
import { Platform } from './platform.js';

/** @typedef {import('./line.js').Port} Port */

/** The names of display information in the platform's answers. */
const NAMES = /nickName|avatar/;

/** The platform's failure of an aborted task. */
const ABORTED = { error: 9 };

/** One connection per Worker, however many clients use it. @type {WeakMap<object, Remote>} */
const remotes = new WeakMap();

/**
 * Starts the module in a Worker and returns its page-side interface: the exports of `js/generated/miniauth_bg.js`, with promises as
 * results.
 *
 * @param {Port} worker
 * @param {string} wasm the module's path in the app's package
 * @returns {Promise<any>}
 */
export function instantiateRemote(worker, wasm) {
  const remote = remotes.get(worker) || new Remote(new Line(worker));
  remotes.set(worker, remote);
  return remote.start(wasm).then(() => ({
    Client: clientClass(remote),
    onPanic: (/** @type {(message: string) => void} */ notify) => void remote.notify.push(notify),
  }));
}

class Remote {
  /** @param {Line} line */
  constructor(line) {
    this.line = line;
    /** @type {Promise<void> | undefined} */
    this.started = undefined;
    /** @type {((message: string) => void)[]} */
    this.notify = [];
    /** @type {Map<number, any>} */
    this.clients = new Map();
    /** Whether display information is known on this page. */
    this.knowsDisplayInfo = false;
    /** @type {Map<number, { timer: any, end: (value?: unknown) => void }>} */
    this.timers = new Map();
    const of = (/** @type {number} */ id) => this.clients.get(id);
    line.answers = {
      lost: (message) => {
        // A Worker has no console.
        console.error(message);
        this.notify.forEach((notify) => notify(message));
      },
      observe: (id, decision) => of(id).observe(decision),
      stored: (id, keys) => of(id).platform.stored(keys),
      my: (id, call, name, options, request) => of(id).makeCall(call, name, options, request),
      abort: (id, call) => of(id).platform.abort(call),
      store: (id, name, options) => of(id).store(name, options),
      judge: (id, request, response) => Boolean(of(id).requests.get(request).isExpired(response)),
      wait: (id, millis) =>
        new Promise((resolve) => {
          const end = () => {
            this.timers.delete(id);
            resolve(undefined);
          };
          this.timers.set(id, { timer: setTimeout(end, millis), end });
        }),
      stopWaiting: (id) => {
        const waiting = this.timers.get(id);
        if (!waiting) return;
        clearTimeout(waiting.timer);
        waiting.end();
      },
    };
  }

  /**
   * Starts the module once. A failed start can be retried.
   *
   * @param {string} wasm
   */
  start(wasm) {
    this.started = this.started || this.line.ask('start', wasm);
    this.started.catch(() => {
      this.started = undefined;
    });
    return this.started;
  }
}

/** @param {Remote} remote */
function clientClass(remote) {
  const { line } = remote;
  return class Client {
    /**
     * @param {Record<string, any>} my
     * @param {string} server
     * @param {(decision: object) => void} observe
     * @param {number} tapLifetime
     * @param {number} panelTimeout
     * @param {boolean} debug
     */
    constructor(my, server, observe, tapLifetime, panelTimeout, debug) {
      this.id = remote.clients.size + 1;
      this.platform = new Platform(my);
      this.observe = observe;
      /** @type {Map<number, { control: import('../control.js').Control, isExpired?: (response: any) => boolean }>} */
      this.requests = new Map();
      this.lastRequest = 0;
      remote.clients.set(this.id, this);
      /** @type {() => Promise<void>} */
      this.make = () => line.ask('client', this.id, server, tapLifetime, panelTimeout, debug, this.platform.describe());
      /** @type {Promise<void> | undefined} */
      this.made = undefined;
    }

    /** Creates the client in the Worker, once. A failure can be retried. */
    ready() {
      this.made = this.made || this.make();
      this.made.catch(() => {
        this.made = undefined;
      });
      return this.made;
    }

    /**
     * @param {string} method
     * @param {any[]} passed
     */
    call(method, ...passed) {
      return this.ready().then(() => line.ask('call', this.id, method, passed));
    }

    login() {
      return this.call('login');
    }

    /** @param {object} stamp */
    authorize(stamp) {
      return this.call('authorize', stamp);
    }

    /** @param {{ event?: { shown?: object } }} stamp */
    getAuthUserInfo(stamp) {
      if (stamp.event && stamp.event.shown) remote.knowsDisplayInfo = true;
      return this.call('getAuthUserInfo', stamp).then(({ values, redaction }) => {
        remote.knowsDisplayInfo = true;
        return new DisplayInfo(values, redaction);
      });
    }

    /**
     * Records what page code is about to learn. A synchronous call cannot wait for the Worker to check whether it is display information.
     *
     * @param {unknown} answer
     */
    learn(answer) {
      if (NAMES.test(JSON.stringify(copyable(answer)) || '')) remote.knowsDisplayInfo = true;
      this.call('learn', answer).catch(() => {});
    }

    knowsDisplayInfo() {
      return remote.knowsDisplayInfo;
    }

    /** @param {object} stamp */
    getPhoneNumber(stamp) {
      return this.call('getPhoneNumber', stamp);
    }

    getSilentCode() {
      return this.call('getSilentCode');
    }

    /** @param {object} stamp */
    getConsentedCode(stamp) {
      return this.call('getConsentedCode', stamp);
    }

    /**
     * @param {any} taken
     * @param {import('../control.js').Control} control
     */
    httpRequest({ isExpired, ...taken }, control) {
      this.lastRequest += 1;
      const request = this.lastRequest;
      this.requests.set(request, { control, isExpired });
      const answered = this.call('httpRequest', taken, request, Boolean(isExpired));
      const ended = () => void this.requests.delete(request);
      answered.then(ended, ended);
      control.hold({ abort: () => this.cancel(request) });
      return answered;
    }

    /**
     * Tells the Worker that a request was aborted, but not before the request itself, which waits for the client.
     *
     * @param {number} request
     */
    cancel(request) {
      this.ready().then(
        () => line.tell('cancel', this.id, request),
        () => {},
      );
    }

    /**
     * Makes a platform call for the Worker. An aborted request is not sent.
     *
     * @param {number} call
     * @param {string} name
     * @param {object} options
     * @param {number | undefined} request the page's request that the call belongs to
     */
    makeCall(call, name, options, request) {
      const of = request === undefined ? undefined : this.requests.get(request);
      if (of && of.control.isCancelled()) return Promise.reject(ABORTED);
      const answered = this.platform.call(call, name, options);
      if (of && request !== undefined) {
        of.control.attach(this.platform.tasks.get(call), () => this.cancel(request));
      }
      return answered;
    }

    /**
     * Calls the platform's storage. The Worker does not wait for it, so failures are reported here.
     *
     * @param {string} name
     * @param {object} options
     */
    store(name, options) {
      if (this.platform.store(name, options)) return;
      const reason = "the platform's storage failed: the session ends with the app";
      this.observe({ at: Date.now(), kind: 'session', operation: 'storage', outcome: 'failed', reason });
    }

    known() {
      return this.call('known');
    }

    consents() {
      return this.call('consents');
    }

    /** @param {object | undefined} setting */
    consentState(setting) {
      return this.call('consentState', setting);
    }

    logout() {
      return this.call('logout');
    }

    /**
     * @param {string} name
     * @param {unknown} snapshot
     */
    check(name, snapshot) {
      return this.call('check', name, snapshot);
    }
  };
}
