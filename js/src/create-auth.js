import { Control } from './control.js';
import { optionsInvalid } from './error.js';
import { takeDown } from './request.js';
import { Stamper } from './stamp.js';

/** Milliseconds for which a tap holds, and the most that an app may say. */
const TAP_LIFETIME = 5000;
const LONGEST_TAP_LIFETIME = 60000;

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
   * @param {{ my: Record<string, any>, server: string, observe?: (decision: object) => void, tapLifetime?: number }} options
   */
  return function createAuth(options) {
    const { my, server, observe, tapLifetime = TAP_LIFETIME } = options || {};
    if (typeof my !== 'object' || my === null) throw optionsInvalid('createAuth takes the platform object: { my }');
    if (typeof server !== 'string') throw optionsInvalid('createAuth takes the address of your server: { server }');
    if (observe !== undefined && typeof observe !== 'function') throw optionsInvalid('observe is a function');
    if (!(typeof tapLifetime === 'number' && tapLifetime >= 1 && tapLifetime <= LONGEST_TAP_LIFETIME)) {
      throw optionsInvalid(`tapLifetime is a number of milliseconds, 1 to ${LONGEST_TAP_LIFETIME}`);
    }
    return new Auth(host, my, server, observe, tapLifetime);
  };
}

class Auth {
  /**
   * @param {import('./start.js').Host} host
   * @param {Record<string, any>} my
   * @param {string} server
   * @param {((decision: object) => void) | undefined} observe
   * @param {number} tapLifetime
   */
  constructor(host, my, server, observe, tapLifetime) {
    const stamper = new Stamper();
    /** @type {Client | undefined} */
    let client;

    /**
     * Runs one call. Calls reach the module in the order in which they were made.
     *
     * @param {(client: Client, module: typeof import('../generated/miniauth_bg.js')) => any} use
     */
    const run = async (use) => {
      try {
        const module = await host.start();
        client = client || new module.Client(my, server, observe, tapLifetime);
        return await host.settling(Promise.resolve(use(client, module)));
      } catch (thrown) {
        throw host.error(thrown);
      }
    };

    this.login = () => run((module) => module.login());

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.authorize = (event, options) => {
      const stamp = stamper.stamp(event, options);
      return run((module) => module.authorize(stamp));
    };

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.getAuthUserInfo = (event, options) => {
      const stamp = stamper.stamp(event, options);
      return run((module) => module.getAuthUserInfo(stamp));
    };

    /** @param {{ scopes?: string | string[], event?: unknown, purpose?: string }} [options] */
    this.getAuthCode = (options = {}) => {
      const stamp = stamper.stamp(options.event, options);
      const scopes = /** @type {unknown[]} */ ([]).concat(options.scopes || 'auth_base');
      return run((module) => {
        const unknown = scopes.find((scope) => scope !== 'auth_base' && scope !== 'auth_user');
        if (unknown !== undefined) throw optionsInvalid(`scopes are auth_base or auth_user, not ${String(unknown)}`);
        return scopes.some((scope) => scope === 'auth_user') ? module.getConsentedCode(stamp) : module.getSilentCode();
      });
    };

    /** @param {unknown} options */
    this.httpRequest = (options) => {
      const control = new Control();
      const send = async () => {
        const taken = takeDown(options);
        return run((module, { failure }) => control.until(module.httpRequest(taken, control), failure));
      };
      return Object.assign(send(), { abort: () => control.cancel() });
    };

    this.consents = () => run((module) => module.consents());

    /** @param {{ whenUnsure?: 'allow' | 'refuse' }} [options] */
    this.guard = (options) => run((module) => host.putGuard(my, module, host, options));

    this.logout = () => run((module) => module.logout());

    Object.freeze(this);
  }
}
