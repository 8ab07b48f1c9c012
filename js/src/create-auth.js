import { parsed } from './answers.js';
import { Control } from './control.js';
import { optionsInvalid, own, traced } from './error.js';
import { read, taken, wrong } from './options.js';
import { Requests } from './on-request.js';
import { memberOf } from './member.js';
import { Presses } from './press.js';
import { takeDown, whole } from './request.js';
import { Session } from './session.js';
import { settingOf } from './setting.js';
import { snapshot } from './snapshot.js';
import { stamp } from './stamp.js';
import { promised } from './start.js';

/** A tap's validity and its maximum, in milliseconds. */
const TAP_LIFETIME = 5000;
const LONGEST_TAP_LIFETIME = 60000;

/** The time-out of a panel and its maximum, in milliseconds. */
const PANEL_TIMEOUT = 120000;
const LONGEST_PANEL_TIMEOUT = 600000;

const CONSENT = ['purpose'];
const OPTIONS = ['my', 'server', 'observe', 'tapLifetime', 'panelTimeout', 'debug'];

/** Functions that only Taro's and uni's objects have; uni-app's build itself adds `createPage` to `my`. */
const FRAMEWORKS = ['addInterceptor', 'getEnv'];

/** @typedef {import('../generated/miniauth_bg.js').Client} Client */

const nothing = () => {};

/**
 * Builds `createAuth` for a host.
 *
 * @param {import('./start.js').Host} host
 */
export function creator(host) {
  /** @param {unknown} options */
  return function createAuth(options) {
    const given = taken(() => read('createAuth', options, OPTIONS.concat(host.options)));
    const { my, server, observe, tapLifetime = TAP_LIFETIME, panelTimeout = PANEL_TIMEOUT, debug = false } = given;
    if (typeof my !== 'object' || my === null) throw wrong("createAuth: my must be the platform's object", my);
    if (taken(() => FRAMEWORKS.some((name) => typeof my[name] === 'function'))) {
      throw optionsInvalid("createAuth: my must be the platform's object, not that of a framework such as Taro or uni");
    }
    if (typeof server !== 'string') throw wrong('createAuth: server must be the address of your server', server);
    if (observe !== undefined && typeof observe !== 'function') throw wrong('createAuth: observe must be a function', observe);
    if (typeof debug !== 'boolean') throw wrong('createAuth: debug must be true or false', debug);
    checkMillis('tapLifetime', tapLifetime, LONGEST_TAP_LIFETIME);
    checkMillis('panelTimeout', panelTimeout, LONGEST_PANEL_TIMEOUT);
    return new Auth(host, my, server, tapLifetime, (module, hear) => {
      const told = (/** @type {object} */ decision) => {
        hear();
        if (observe) observe(decision);
      };
      return new module.Client(my, server, told, tapLifetime, panelTimeout, debug);
    });
  };
}

/**
 * Checks an option in milliseconds.
 *
 * @param {string} name
 * @param {unknown} millis
 * @param {number} most
 */
function checkMillis(name, millis, most) {
  if (typeof millis === 'number' && millis >= 1 && millis <= most) return;
  throw wrong(`createAuth: ${name} must be a number of milliseconds from 1 to ${most}`, millis);
}

class Auth {
  /**
   * @param {import('./start.js').Host} host
   * @param {Record<string, any>} my
   * @param {string} server
   * @param {number} tapLifetime
   * @param {(module: import('./start.js').Module, hear: () => void) => Client} makeClient receives a function to be called on every
   *   decision
   */
  constructor(host, my, server, tapLifetime, makeClient) {
    /** @type {Client | undefined} */
    let client;
    const session = new Session();
    const requests = new Requests();

    /** Reads the module's state. @returns {Promise<unknown>} */
    const look = () => {
      const { known, consentState } = /** @type {any} */ (client);
      return promised(() => Promise.all([known.call(client), consentState.call(client)])).then(
        ([[expiresAt, profile], consents]) => session.learn({ ...consents, expiresAt, profile }),
        // The next call reports the error.
        nothing,
      );
    };

    let isDue = false;

    /** Reads the state once the module is idle, once for all decisions made together. */
    const hear = () => {
      if (isDue) return;
      isDue = true;
      void Promise.resolve().then(() => {
        isDue = false;
        void look();
      });
    };

    /**
     * Runs one call. Calls reach the module in order, and the page knows a call's effect when it ends.
     *
     * @param {(client: Client, module: import('./start.js').Module) => any} use
     */
    const run = (use) =>
      host.start().then((module) => {
        client = client || makeClient(module, hear);
        host.remember(client);
        const done = promised(() => use(/** @type {Client} */ (client), module));
        const seen = done.then(look, look);
        return host.settling(seen.then(() => done));
      });

    /**
     * Runs a call of the page: captures its options synchronously, then does the work. Errors get the page's own stack trace.
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

    /** @param {(client: Client, module: import('./start.js').Module) => any} use */
    const simple = (use) => called(nothing, () => run(use));

    this.prepare = () => {
      const prepared = simple(nothing);
      // The next call tries to start again, and reports the failure.
      prepared.catch(nothing);
      return prepared;
    };

    /**
     * Reports a call that makes requests, from start to end.
     *
     * @param {string} operation
     * @param {Promise<any>} done
     * @param {{ method?: string, url: string }} [request]
     * @param {Control} [control]
     */
    const told = (operation, done, request, control) => {
      const end = requests.start(operation, request);
      const attempts = () => control && control.attempts;
      const failed = (/** @type {any} */ { code = 'platform_error', response = {} }) => end(response.status, code, attempts());
      done.then(
        (/** @type {any} */ answer) => end(request && request.method && answer.status, undefined, attempts()),
        (thrown) => failed(Object(host.error(thrown))),
      );
      return done;
    };

    this.login = () =>
      simple((module) =>
        told(
          'login',
          promised(() => module.login()),
        ).then(memberOf),
      );

    /**
     * @param {unknown} event
     * @param {{ purpose: string }} [options]
     */
    this.authorize = (event, options) =>
      called(
        () => stamp(event, read('authorize', options, CONSENT)),
        (passed) =>
          run((module) =>
            told(
              'authorize',
              promised(() => module.authorize(passed)),
            ).then(memberOf),
          ),
      );

    /**
     * Builds a call for the authorising button's events.
     *
     * @param {string} call
     * @param {(module: Client, passed: object) => any} work
     */
    const forButton = (call, work) => {
      const presses = new Presses(tapLifetime);
      return (/** @type {unknown} */ event, /** @type {{ purpose: string } | undefined} */ options) =>
        called(
          () => stamp(event, read(call, options, CONSENT)),
          (passed) => presses.outcome(passed, () => run((module) => work(module, passed))),
        );
    };

    this.getAuthUserInfo = forButton('getAuthUserInfo', (module, passed) => module.getAuthUserInfo(passed));

    this.getPhoneNumber = forButton('getPhoneNumber', (module, passed) =>
      told(
        'getPhoneNumber',
        promised(() => module.getPhoneNumber(passed)),
      ).then(({ data: { phone_number: phoneNumber, country_code: countryCode, confirmed } }) => ({ phoneNumber, countryCode, confirmed })),
    );

    /** @param {{ scopes?: string | string[], event?: unknown, purpose?: string }} [options] */
    this.getAuthCode = (options) =>
      called(
        () => {
          const { scopes = 'auth_base', event, purpose } = read('getAuthCode', options, ['scopes', 'event', 'purpose']);
          const wanted = /** @type {unknown[]} */ ([]).concat(scopes);
          const unknown = wanted.find((scope) => scope !== 'auth_base' && scope !== 'auth_user');
          if (unknown !== undefined) throw wrong('getAuthCode: scopes must be auth_base or auth_user', unknown);
          return { asks: wanted.includes('auth_user'), passed: stamp(event, { purpose }) };
        },
        ({ asks, passed }) => run((module) => (asks ? module.getConsentedCode(passed) : module.getSilentCode())),
      );

    /**
     * Sends a request that can be aborted.
     *
     * @param {string} call @param {unknown} options
     * @param {(answer: any, control: Control) => any} answered converts the answer for the page
     */
    const send = (call, options, answered) => {
      const control = new Control();
      const sent = called(
        () => takeDown(call, server, options, control),
        (passed) => {
          // A call without a method reports no status.
          const seen = passed.confirm ? { url: passed.url } : passed;
          return told(
            call,
            run((module) => control.until(module.httpRequest(passed, control))),
            seen,
            control,
          );
        },
      );
      return Object.assign(
        sent.then((answer) => answered(answer, control)),
        { abort: () => control.cancel() },
      );
    };

    /** @param {unknown} options */
    this.httpRequest = (options) => send('httpRequest', options, (answer) => answer);

    /** @param {unknown} options */
    this.uploadFile = (options) => send('uploadFile', options, (answer) => ({ ...answer, data: parsed(answer.data) }));

    /** @param {unknown} options */
    this.downloadFile = (options) => send('downloadFile', options, ({ data, headers }) => ({ filePath: data, headers }));

    /** @param {unknown} options */
    this.connectSocket = (options) =>
      send('connectSocket', options, (_, { task }) => {
        const act = (/** @type {'send' | 'close'} */ name, /** @type {string[]} */ names) => (/** @type {unknown} */ passed) =>
          called(
            () => snapshot(read(name, passed, names), name),
            (checked) =>
              run((module) =>
                promised(() => module.check(`SocketTask.${name}`, checked)).then(() =>
                  /** @type {any} */ (task)[name](checked).then(nothing, (/** @type {unknown} */ cause) => {
                    throw own('network', { cause });
                  }),
                ),
              ),
          );
        return { send: act('send', ['data', 'isBuffer']), close: act('close', ['code', 'reason']) };
      });

    /** @param {string} url @param {{ confirm?: boolean }} [options] */
    this.authorization = (url, options) =>
      called(
        () => ({ ...read('authorization', options, ['confirm']), url: whole('authorization', server, url), call: 'authorization' }),
        (passed) =>
          run((module) => module.httpRequest(passed, new Control())).then(({ data: { authorization } }) => {
            if (!authorization) throw wrong('authorization: url must be below server', url);
            return { authorization };
          }),
      );

    this.consents = () => simple((module) => module.consents());

    this.consentState = () => simple((module) => settingOf(my).then((setting) => module.consentState(setting)));

    /** @param {{ whenUnsure?: 'allow' | 'refuse' }} [options] */
    this.guard = (options) =>
      called(
        () => read('guard', options, ['whenUnsure']),
        (passed) => run((module) => host.putGuard(my, module, host, passed)),
      );

    this.session = () => session.now();

    /** @param {unknown} listener */
    this.onChange = (listener) => {
      if (typeof listener !== 'function') throw wrong('onChange: the listener must be a function', listener);
      return session.listeners.add(listener);
    };

    /** @param {unknown} listener */
    this.onRequest = (listener) => requests.add(listener);

    this.logout = () =>
      simple((module) =>
        told(
          'logout',
          promised(() => module.logout()),
        ),
      );

    Object.freeze(this);
  }
}
