import { Auth, Consents } from './auth.mjs';
import { CallFault } from './call-fault.mjs';
import { Network } from './network.mjs';
import { Privacy } from './privacy.mjs';

/**
 * The platform's part of the calls that leave page logic: what it decides, for whoever shows its panels and carries its bytes.
 * The simulator's page and the engines of the tests both use it, so that there is one picture of the platform.
 *
 * @typedef {'success' | 'fail'} Outcome
 * @typedef {(panel: { kind: string }) => Promise<any>} Ask shows one panel and resolves to what the person did
 * @typedef {object} Ports what it needs
 * @property {() => string} user the sandbox's test user
 * @property {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts what is known of the platform
 * @property {import('../../platform/reader.mjs').Profile} profiles
 * @property {import('./faults.mjs').Faults} faults
 * @property {ReturnType<sandboxOf>} sandbox
 * @property {Ask} ask
 * @property {(fields: object) => Promise<object>} toast shows one, and resolves when it has gone
 * @property {(outgoing: object, signal: AbortSignal) => Promise<any>} exchange sends a request to the server that answers for it
 * @property {() => string[]} whitelist origins
 * @property {() => boolean} privacyCheck whether app.json says `usePrivacyCheck`
 * @property {{ read(): boolean, write(agreed: boolean): void }} agreed whether the person has agreed to the privacy contract
 * @property {{ now(): number, setTimeout(run: () => void, milliseconds: number): any, clearTimeout(timer: any): void }} clock
 * @property {{ request(name: string, outgoing: object): (fields: object) => void }} record of what happens
 * @property {(shows: ('app' | 'page')[]) => void} show page logic that a panel closed, and whose `onShow` that is
 * @property {(error: Error) => void} report what is wrong with the mini-program, or not simulated
 */
export class Platform {
  /** @param {Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.network = new Network(ports);
    this.privacy = new Privacy(ports);
    this.auth = new Auth(ports, new Consents(ports), this.privacy);
    /** The panel before, which the next one waits for. */
    this.lastPanel = Promise.resolve();
  }

  /**
   * Carries out one call.
   *
   * @param {string} name
   * @param {any} fields what page code gave; `invalid` says what is wrong with it
   * @param {(outcome: Outcome, value: any) => void} answer
   * @returns {{ abort(): void }}
   */
  call(name, fields, answer) {
    let abort = () => {};
    const task = { abort: () => abort() };
    const { faults } = this.ports;
    if (faults.strikes('no-answer', name)) return task;
    void this.withPanels(async (ask) => {
      /** @type {[Outcome, any]} */
      let outcome;
      try {
        if (fields.invalid) throw new CallFault(2, fields.invalid);
        if (faults.strikes('no-permission', name)) throw this.notPermitted(name);
        if (faults.strikes('offline', name)) throw CallFault.of(this.ports.facts, 'getAuthCode', 12);
        outcome = ['success', await this.carryOut(name, fields, ask, (stop) => { abort = stop; })];
      } catch (error) {
        // Whatever else goes wrong is between the phone and the platform's servers: to page code it looks like no network.
        outcome = ['fail', error instanceof CallFault ? error.failure : { error: 12, errorMessage: String(error.message) }];
      }
      answer(...outcome);
    });
    return task;
  }

  notPermitted(name) {
    const { text } = this.ports.facts.errorOf(name, 4);
    return CallFault.of(this.ports.facts, name, 4, { message: text, signature: 'N22104' });
  }

  carryOut(name, fields, ask, onAbort) {
    if (name === 'request' || name === 'httpRequest') return this.network.send(name, fields, onAbort);
    if (name === 'alert') return ask({ kind: 'alert', ...fields });
    if (name === 'showToast') return this.ports.toast(fields);
    if (name === 'getPrivacySetting') return this.privacy.setting();
    if (name === 'openPrivacyContract') return ask({ kind: 'contract' });
    if (typeof this.auth[name] !== 'function') throw new CallFault(1, `my.${name} is listed as simulated, and is not here`);
    return this.auth[name](fields, ask);
  }

  /**
   * A press of a button with an `open-type`, after its tap event.
   *
   * @param {{ openType: string, scope?: string }} button
   * @param {(type: string, detail?: object) => void} fire each event that results
   */
  press({ openType, scope }, fire) {
    return this.withPanels(async (ask) => {
      if (openType === 'getAuthorize') {
        await this.auth.pressAuthorise(scope, fire, ask);
        return;
      }
      this.privacy.press();
      fire('agreePrivacyAuthorization');
    });
  }

  /** Runs what may ask the person something; when a panel closes, page logic is shown again before or after the outcome. */
  async withPanels(work) {
    const { profiles, show } = this.ports;
    const later = [];
    const ask = async (panel) => {
      const action = await this.askNext(panel);
      if (panel.kind === 'alert' || panel.kind === 'contract') return action;
      if (profiles['onShow-when'] === 'before') show(shownAfterPanel(profiles));
      else later.push(() => show(shownAfterPanel(profiles)));
      return action;
    };
    await work(ask);
    for (const run of later) run();
  }

  /** One panel after the other: the next one waits until the person has answered the one before. */
  askNext(panel) {
    const answer = this.lastPanel.then(() => this.ports.ask(panel));
    this.lastPanel = answer;
    return answer;
  }

  /** The page in front is left. */
  leavePage() {
    this.network.leavePage();
  }
}

/**
 * Whose `onShow` is called when a panel closes: sources differ by year.
 *
 * @param {{ onShow: string }} profiles
 * @returns {('app' | 'page')[]} in this order
 */
function shownAfterPanel({ onShow }) {
  return onShow === 'none' ? [] : onShow === 'app+page' ? ['app', 'page'] : ['page'];
}

/**
 * The sandbox's control interface, as far as a phone uses it: the platform's servers know the user's consents, the app's
 * products and the auth codes.
 *
 * @param {(path: string, init?: { method?: string, body?: object }) => Promise<any>} send to an address below `/control/`
 */
export function sandboxOf(send) {
  const get = (path, query) => send(`${path}?${new URLSearchParams(query)}`);
  return {
    /** @returns {Promise<{ granted: boolean, app_name: string, items: string[] }>} */
    consent: (user, scope) => get('consent', { user, scope }),
    decide: (user, scope, decision) => send('consent', { method: 'POST', body: { user, scope, decision } }),
    withdraw: (user, scope) => send(`consent?${new URLSearchParams({ user, scope })}`, { method: 'DELETE' }),
    /** @returns {Promise<{ authSetting: Record<string, boolean> }>} */
    settings: (user) => get('settings', { user }),
    authCode: (user, scopes) => send('auth-codes', { method: 'POST', body: { user, scopes } }),
    displayInfo: (user) => get('display-info', { user }),
    /** @returns {Promise<{ response: string }>} */
    phoneNumber: (user, fault) => get('phone-number', fault === undefined ? { user } : { user, fault }),
    legacyDisplayInfo: (user) => get('display-info', { user, call: 'getAuthUserInfo' }),
  };
}
