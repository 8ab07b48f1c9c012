import { Control } from './control.js';
import { optionsInvalid, traced } from './error.js';
import { read, taken, wrong } from './options.js';
import { Presses } from './press.js';
import { takeDown } from './request.js';
import { settingOf } from './setting.js';
import { stamp } from './stamp.js';
import { promised } from './start.js';

/** Milliseconds for which a tap holds, and the most that an app may say. */
const TAP_LIFETIME = 5000;
const LONGEST_TAP_LIFETIME = 60000;

/** Milliseconds after which a panel counts as never answered, and the most that an app may say. */
const PANEL_TIMEOUT = 120000;
const LONGEST_PANEL_TIMEOUT = 600000;

const CONSENT = ['purpose'];
const OPTIONS = ['my', 'server', 'observe', 'tapLifetime', 'panelTimeout', 'debug'];

/** Functions that frameworks' objects (Taro, uni, mpx) have and the platform's has not. */
const FRAMEWORKS = ['addInterceptor', 'createPage', 'getEnv'];

/**
 * @typedef {import('../generated/miniauth_bg.js').Client} Client
 */

/**
 * `createAuth` for a host.
 *
 * @param {import('./start.js').Host} host
 */
export function creator(host) {
  /** @param {unknown} options */
  return function createAuth(options) {
    const given = taken(() => read('createAuth', options, OPTIONS.concat(host.options)));
    const { my, server, observe, tapLifetime = TAP_LIFETIME, panelTimeout = PANEL_TIMEOUT, debug = false } = given;
    if (typeof my !== 'object' || my === null) throw wrong('createAuth takes the platform object: { my }', my);
    if (taken(() => FRAMEWORKS.some((name) => typeof my[name] === 'function'))) {
      throw optionsInvalid('createAuth takes the platform object: { my }, not that of a framework such as Taro or uni');
    }
    if (typeof server !== 'string') throw wrong('createAuth takes the address of your server: { server }', server);
    if (observe !== undefined && typeof observe !== 'function') throw wrong('observe is a function', observe);
    if (typeof debug !== 'boolean') throw wrong('debug is true or false', debug);
    checkMillis('tapLifetime', tapLifetime, LONGEST_TAP_LIFETIME);
    checkMillis('panelTimeout', panelTimeout, LONGEST_PANEL_TIMEOUT);
    const presses = new Presses(tapLifetime);
    return new Auth(host, my, presses, (module) => new module.Client(my, server, observe, tapLifetime, panelTimeout, debug));
  };
}

/**
 * @param {string} name
 * @param {unknown} millis
 * @param {number} most
 */
function checkMillis(name, millis, most) {
  if (typeof millis === 'number' && millis >= 1 && millis <= most) return;
  throw wrong(`${name} is a number of milliseconds, 1 to ${most}`, millis);
}

class Auth {
  /**
   * @param {import('./start.js').Host} host
   * @param {Record<string, any>} my
   * @param {Presses} presses
   * @param {(module: import('./start.js').Module) => Client} makeClient
   */
  constructor(host, my, presses, makeClient) {
    /** @type {Client | undefined} */
    let client;

    /**
     * Runs one call. Calls reach the module in the order in which they were made.
     *
     * @param {(client: Client, module: import('./start.js').Module) => any} use
     */
    const run = (use) =>
      host.start().then((module) => {
        client = client || makeClient(module);
        host.remember(client);
        return host.settling(Promise.resolve(use(client, module)));
      });

    /**
     * A call of the page's: takes down what was passed, at once, and then does its work. Whatever it fails with leads to the
     * page's own line.
     *
     * @template T
     * @param {() => T} take
     * @param {(passed: T) => any} work
     * @returns {Promise<any>}
     */
    const called = (take, work) => {
      const from = new Error();
      return promised(() => work(taken(take))).catch((thrown) =>
        host.told(thrown).then((error) => {
          throw traced(error, from);
        }),
      );
    };

    const nothing = () => {};

    /** @param {(client: Client, module: import('./start.js').Module) => any} use */
    const simple = (use) => called(nothing, () => run(use));

    this.prepare = () => {
      const prepared = simple(nothing);
      // A start that failed is tried again by the next call, which tells of it.
      prepared.catch(nothing);
      return prepared;
    };

    this.login = () => simple((module) => module.login());

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.authorize = (event, options) =>
      called(
        () => stamp(event, read('authorize', options, CONSENT)),
        (passed) => run((module) => module.authorize(passed)),
      );

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.getAuthUserInfo = (event, options) =>
      called(
        () => stamp(event, read('getAuthUserInfo', options, CONSENT)),
        (passed) => presses.outcome(passed, () => run((module) => module.getAuthUserInfo(passed))),
      );

    /** @param {{ scopes?: string | string[], event?: unknown, purpose?: string }} [options] */
    this.getAuthCode = (options) =>
      called(
        () => {
          const { scopes = 'auth_base', event, purpose } = read('getAuthCode', options, ['scopes', 'event', 'purpose']);
          const wanted = /** @type {unknown[]} */ ([]).concat(scopes);
          const unknown = wanted.find((scope) => scope !== 'auth_base' && scope !== 'auth_user');
          if (unknown !== undefined) throw wrong('scopes are auth_base or auth_user', unknown);
          return { asks: wanted.includes('auth_user'), passed: stamp(event, { purpose }) };
        },
        ({ asks, passed }) => run((module) => (asks ? module.getConsentedCode(passed) : module.getSilentCode())),
      );

    /** @param {unknown} options */
    this.httpRequest = (options) => {
      const control = new Control();
      const answered = called(
        () => takeDown(options),
        (passed) => run((module) => control.until(module.httpRequest(passed, control))),
      );
      return Object.assign(answered, { abort: () => control.cancel() });
    };

    this.consents = () => simple((module) => module.consents());

    this.consentState = () => simple((module) => settingOf(my).then((setting) => module.consentState(setting)));

    /** @param {{ whenUnsure?: 'allow' | 'refuse' }} [options] */
    this.guard = (options) =>
      called(
        () => read('guard', options, ['whenUnsure']),
        (passed) => run((module) => host.putGuard(my, module, host, passed)),
      );

    this.logout = () => simple((module) => module.logout());

    Object.freeze(this);
  }
}
