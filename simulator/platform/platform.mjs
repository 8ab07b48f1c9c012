import { Auth, Consents } from './auth.mjs';
import { CallFault } from './call-fault.mjs';
import { Device } from './device.mjs';
import { Files } from './files.mjs';
import { Network } from './network.mjs';
import { Privacy } from './privacy.mjs';
import { QUESTIONS } from './questions.mjs';
import { SavedFiles } from './saved-files.mjs';
import { Screen } from './screen.mjs';
import { Sockets } from './sockets.mjs';
import { Transfers } from './transfers.mjs';

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
 * @property {import('./screen.mjs').ScreenPort} screen
 * @property {(src: string) => Promise<{ width: number, height: number, type: string } | undefined>} picture what a picture is
 * @property {(outgoing: object, signal: AbortSignal, progress?: import('./network.mjs').Progress) => Promise<any>} exchange sends a
 *   request to the server that answers for it
 * @property {(handshake: import('./sockets.mjs').Handshake, on: import('./sockets.mjs').LineEvents) => import('./sockets.mjs').Line} connect
 *   opens a WebSocket to the server that answers for it
 * @property {() => string[]} whitelist origins
 * @property {() => boolean} privacyCheck whether app.json says `usePrivacyCheck`
 * @property {() => Record<string, { desc?: unknown }>} [permission] what app.json says that the app needs each permission for
 * @property {{ read(): boolean, write(agreed: boolean): void }} agreed whether the person has agreed to the privacy contract
 * @property {{ now(): number, setTimeout(run: () => void, milliseconds: number): any, clearTimeout(timer: any): void }} clock
 * @property {{ request(name: string, outgoing: object): (fields: object) => void,
 *   socket(url: string): (event: string, fields?: object) => void }} record of what happens
 * @property {(shows: ('app' | 'page')[]) => void} show page logic that a panel closed, and whose `onShow` that is
 * @property {(error: Error) => void} report what is wrong with the mini-program, or not simulated
 *
 * @typedef {object} CallLine what a call that is under way may use
 * @property {Ask} ask
 * @property {(stop: () => void) => void} onAbort takes what aborts it
 * @property {(event: string, value: any) => void} tell page code of something beside the answer
 * @property {(run: () => void) => void} afterwards runs once the call is answered
 */
export class Platform {
  /** @param {Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.network = new Network(ports);
    this.files = new Files();
    this.transfers = new Transfers(ports, this.network, this.files, (name) => this.purposeOf(name));
    this.sockets = new Sockets(ports);
    this.screen = new Screen(ports);
    this.device = new Device(ports);
    this.saved = new SavedFiles(ports, this.files);
    this.privacy = new Privacy(ports);
    /** What the person decided about what the phone itself gives, and answered: asked once, and switched in the settings. @type {Record<string, { allowed: boolean, answer: any }>} */
    this.permissions = {};
    this.auth = new Auth(ports, new Consents(ports), this.privacy, this.permissions);
    /** The panel before, which the next one waits for. */
    this.lastPanel = Promise.resolve();
  }

  /**
   * Carries out one call.
   *
   * @param {string} name
   * @param {any} fields what page code gave; `invalid` says what is wrong with it
   * @param {(outcome: Outcome, value: any) => void} answer
   * @param {(event: string, value: any) => void} [tell] what a call says beside its answer: progress, a socket's messages
   * @returns {{ abort(): void }}
   */
  call(name, fields, answer, tell = () => {}) {
    let abort = () => {};
    let next = () => {};
    const task = { abort: () => abort() };
    const { faults } = this.ports;
    if (faults.strikes('no-answer', name)) return task;
    void this.withPanels(async (ask) => {
      /** @type {[Outcome, any]} */
      let outcome;
      try {
        if (fields.invalid) throw new CallFault(2, fields.invalid);
        if (faults.strikes('no-permission', name)) throw this.notPermitted(name);
        // A socket tells it by an event of its own.
        if (faults.strikes('offline', name) && name !== 'connectSocket') throw CallFault.of(this.ports.facts, 'getAuthCode', 12);
        const line = { ask, tell, onAbort: (stop) => { abort = stop; }, afterwards: (run) => { next = run; } };
        outcome = ['success', await this.carryOut(name, fields, line)];
      } catch (error) {
        // Whatever else goes wrong is between the phone and the platform's servers: to page code it looks like no network.
        outcome = ['fail', error instanceof CallFault ? error.failure : { error: 12, errorMessage: String(error.message) }];
      }
      answer(...outcome);
      next();
    });
    return task;
  }

  notPermitted(name) {
    const { text } = this.ports.facts.errorOf(name, 4);
    return CallFault.of(this.ports.facts, name, 4, { message: text, signature: 'N22104' });
  }

  carryOut(name, fields, line) {
    const { ask, onAbort } = line;
    if (name === 'request' || name === 'httpRequest') return this.network.send(name, fields, onAbort);
    const part = [this.transfers, this.sockets].find((found) => typeof found[name] === 'function');
    if (part) return part[name](fields, line);
    const simple = [this.screen, this.device, this.saved].find((found) => typeof found[name] === 'function');
    if (simple) return this.simply(name, () => simple[name](fields));
    if (Object.hasOwn(QUESTIONS, name)) return this.simply(name, () => this.question(name, fields, ask));
    if (name === 'SelectorQuery.exec') return this.ports.screen.measure(fields).then((results) => ({ results }));
    if (name === 'IntersectionObserver.observe') return this.observe(fields, line);
    if (name === 'alert') return ask({ kind: 'alert', ...fields });
    if (name === 'showToast') return this.ports.toast(fields);
    if (name === 'getPrivacySetting') return this.privacy.setting();
    if (name === 'openPrivacyContract') return ask({ kind: 'contract' });
    if (typeof this.auth[name] !== 'function') throw new CallFault(1, `my.${name} is listed as simulated, and is not here`);
    return this.auth[name](fields, ask);
  }

  /** Goes on until page code ends it. */
  observe(fields, { tell, onAbort }) {
    const end = this.ports.screen.observe(fields, (value) => tell('intersects', value));
    return new Promise((resolve) => {
      onAbort(() => {
        end();
        resolve({});
      });
    });
  }

  /** Where the answer says no more than that it is one, `success: true` is all of it. */
  async simply(name, work) {
    const answer = (await work()) ?? {};
    return this.ports.facts.call(name).answer.includes('success') ? { success: true, ...answer } : answer;
  }

  /** Asks the person, and makes of their answer what page code gets. */
  async question(name, fields, ask) {
    const { facts } = this.ports;
    const { panel, settle, leaves, permission } = QUESTIONS[name];
    const given = { ...facts.call(name).defaults, ...fields };
    const fault = (number) => CallFault.of(facts, name, number);
    const decided = this.permissions[permission];
    if (decided?.allowed) return settle(decided.answer, given, fault);
    const shown = { kind: name, content: this.purposeOf(name), ...panel(given, facts) };
    const answer = await (leaves ? ask(shown) : this.askNext(shown));
    if (permission) this.permissions[permission] = { allowed: answer.action === 'ok', answer };
    return settle(answer, given, fault);
  }

  /** What app.json says that the app needs the permission of a call for. */
  purposeOf(name) {
    const { facts, permission = () => ({}) } = this.ports;
    const declared = permission();
    const scope = facts.call(name).permissions?.find((each) => declared[each]?.desc !== undefined);
    return scope && String(declared[scope].desc);
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

  /** The app ends. */
  end() {
    this.sockets.end();
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
