import { Control } from './control.js';
import { optionsInvalid } from './error.js';
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

/**
 * @typedef {import('../generated/miniauth_bg.js').Client} Client
 */

/**
 * `createAuth` for a host.
 *
 * @param {import('./start.js').Host} host
 */
export function creator(host) {
  /**
   * @param {{ my: Record<string, any>, server: string, observe?: (decision: object) => void, tapLifetime?: number,
   *   panelTimeout?: number }} options
   */
  return function createAuth(options) {
    const { my, server, observe, tapLifetime = TAP_LIFETIME, panelTimeout = PANEL_TIMEOUT } = options || {};
    if (typeof my !== 'object' || my === null) throw optionsInvalid('createAuth takes the platform object: { my }');
    if (typeof server !== 'string') throw optionsInvalid('createAuth takes the address of your server: { server }');
    if (observe !== undefined && typeof observe !== 'function') throw optionsInvalid('observe is a function');
    checkMillis('tapLifetime', tapLifetime, LONGEST_TAP_LIFETIME);
    checkMillis('panelTimeout', panelTimeout, LONGEST_PANEL_TIMEOUT);
    const presses = new Presses(tapLifetime);
    return new Auth(host, my, presses, (module) => new module.Client(my, server, observe, tapLifetime, panelTimeout));
  };
}

/**
 * @param {string} name
 * @param {unknown} millis
 * @param {number} most
 */
function checkMillis(name, millis, most) {
  if (typeof millis === 'number' && millis >= 1 && millis <= most) return;
  throw optionsInvalid(`${name} is a number of milliseconds, 1 to ${most}`);
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
      host
        .start()
        .then((module) => {
          client = client || makeClient(module);
          return host.settling(Promise.resolve(use(client, module)));
        })
        .catch((thrown) => {
          throw host.error(thrown);
        });

    this.login = () => run((module) => module.login());

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.authorize = (event, options) =>
      promised(() => {
        const taken = stamp(event, options);
        return run((module) => module.authorize(taken));
      });

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.getAuthUserInfo = (event, options) =>
      promised(() => {
        const taken = stamp(event, options);
        return presses.outcome(taken, () => run((module) => module.getAuthUserInfo(taken)));
      });

    /** @param {{ scopes?: string | string[], event?: unknown, purpose?: string }} [options] */
    this.getAuthCode = (options = {}) =>
      promised(() => {
        const taken = stamp(options.event, options);
        const scopes = /** @type {unknown[]} */ ([]).concat(options.scopes || 'auth_base');
        return run((module) => {
          const unknown = scopes.find((scope) => scope !== 'auth_base' && scope !== 'auth_user');
          if (unknown !== undefined) throw optionsInvalid(`scopes are auth_base or auth_user, not ${String(unknown)}`);
          return scopes.some((scope) => scope === 'auth_user') ? module.getConsentedCode(taken) : module.getSilentCode();
        });
      });

    /** @param {unknown} options */
    this.httpRequest = (options) => {
      const control = new Control();
      const answered = promised(() => {
        const taken = takeDown(options);
        return run((module) => control.until(module.httpRequest(taken, control)));
      });
      return Object.assign(answered, { abort: () => control.cancel() });
    };

    this.consents = () => run((module) => module.consents());

    this.consentState = () => run((module) => settingOf(my).then((setting) => module.consentState(setting)));

    /** @param {{ whenUnsure?: 'allow' | 'refuse' }} [options] */
    this.guard = (options) => run((module) => host.putGuard(my, module, host, options));

    this.logout = () => run((module) => module.logout());

    Object.freeze(this);
  }
}
