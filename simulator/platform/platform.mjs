import { Auth, Consents } from './auth.mjs';
import { CallFault } from './call-fault.mjs';
import { Cities } from './cities.mjs';
import { Device } from './device.mjs';
import { Files } from './files.mjs';
import { Network } from './network.mjs';
import { Privacy } from './privacy.mjs';
import { QUESTIONS } from './questions.mjs';
import { Recorder } from './recorder.mjs';
import { SavedFiles } from './saved-files.mjs';
import { Screen } from './screen.mjs';
import { Sockets } from './sockets.mjs';
import { Transfers } from './transfers.mjs';

/**
 * Implements the platform side of the calls that leave page logic; the ports show its panels and send its requests. The simulator's page
 * and the test engines share it, so both model the same platform.
 *
 * @typedef {'success' | 'fail'} Outcome
 * @typedef {(panel: { kind: string }) => Promise<any>} Ask shows one panel and resolves with the person's action
 * @typedef {object} Ports the dependencies
 * @property {() => string} user the sandbox's test user
 * @property {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts facts about the platform
 * @property {import('../../platform/reader.mjs').Profile} profiles
 * @property {import('./faults.mjs').Faults} faults
 * @property {ReturnType<sandboxOf>} sandbox
 * @property {Ask} ask
 * @property {(fields: object) => Promise<object>} toast shows a toast, and resolves when it disappears
 * @property {import('./screen.mjs').ScreenPort} screen
 * @property {(src: string) => Promise<{ width: number, height: number, type: string } | undefined>} picture reads an image's size and type
 * @property {(outgoing: object, signal: AbortSignal, progress?: import('./network.mjs').Progress) => Promise<any>} exchange sends a request
 *   to the mapped server
 * @property {(handshake: import('./sockets.mjs').Handshake, on: import('./sockets.mjs').LineEvents) => import('./sockets.mjs').Line}
 *   connect opens a WebSocket to the mapped server
 * @property {() => string[]} whitelist origins
 * @property {() => boolean} privacyCheck whether app.json sets `usePrivacyCheck`
 * @property {() => Record<string, { desc?: unknown }>} [permission] the permissions that app.json declares, with their purposes
 * @property {{ read(): boolean, write(agreed: boolean): void }} agreed whether the person has agreed to the privacy contract
 * @property {{ now(): number, setTimeout(run: () => void, milliseconds: number): any, clearTimeout(timer: any): void }} clock
 * @property {{ request(name: string, outgoing: object): (fields: object) => void,
 *   socket(url: string): (event: string, fields?: object) => void }} record records what happens
 * @property {() => void} [redraw] draws the open panel again after a change
 * @property {(path: string, entry: object | null) => void} [fileChanged] tells page logic, if it has a copy of the files of its own
 * @property {(shows: ('app' | 'page')[]) => void} show tells page logic that a panel closed, and whose `onShow` to call
 * @property {(error: Error) => void} report reports a fault of the mini-program, or a missing feature
 *
 * @typedef {object} CallLine what a running call may use
 * @property {Ask} ask
 * @property {Ask} askHere for a panel within the page: no `onShow` follows
 * @property {(stop: () => void) => void} onAbort receives the function that aborts it
 * @property {(event: string, value: any) => void} tell sends page code an event besides the answer
 * @property {(run: () => void) => void} afterwards runs a function after the call is answered
 */
export class Platform {
  /** @param {Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.network = new Network(ports);
    this.files = new Files({ now: () => ports.clock.now(), changed: ports.fileChanged });
    this.transfers = new Transfers(ports, this.network, this.files, (name) => this.purposeOf(name));
    this.sockets = new Sockets(ports);
    this.screen = new Screen(ports);
    this.device = new Device(ports);
    this.recorder = new Recorder(ports, this.files, (name, fields, ask) => this.question(name, fields, ask));
    this.saved = new SavedFiles(ports, this.files);
    this.cities = new Cities(ports);
    this.privacy = new Privacy(ports);
    /**
     * The person's decisions on the phone's own permissions: asked once, and changeable in the settings.
     * @type {Record<string, { allowed: boolean, answer: any }>}
     */
    this.permissions = {};
    this.auth = new Auth(ports, new Consents(ports), this.privacy, this.permissions);
    /** The previous panel; the next one waits for it. */
    this.lastPanel = Promise.resolve();
  }

  /**
   * Carries out one call.
   *
   * @param {string} name
   * @param {any} fields from page code; `invalid` says what is wrong with them
   * @param {(outcome: Outcome, value: any) => void} answer
   * @param {(event: string, value: any) => void} [tell] receives events besides the answer: progress, a socket's messages
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
        // A socket reports being offline with its own event.
        if (faults.strikes('offline', name) && name !== 'connectSocket') throw CallFault.of(this.ports.facts, 'getAuthCode', 12);
        const line = {
          ask,
          askHere: (panel) => this.askNext(panel),
          tell,
          onAbort: (stop) => {
            abort = stop;
          },
          afterwards: (run) => {
            next = run;
          },
        };
        outcome = ['success', await this.carryOut(name, fields, line)];
      } catch (error) {
        // Any other error is between the phone and the platform's servers: page code sees a network failure.
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
    const { fails } = this.ports.facts.call(name) ?? {};
    if (fails !== undefined) throw CallFault.of(this.ports.facts, name, fails);
    if (name === 'request' || name === 'httpRequest') return this.network.send(name, fields, onAbort);
    const part = [this.transfers, this.sockets, this.recorder, this.cities].find((found) => typeof found[name] === 'function');
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
    if (typeof this.auth[name] !== 'function') throw new CallFault(1, `my.${name} is listed as simulated, but not implemented`);
    return this.auth[name](fields, ask);
  }

  /** Observes until page code disconnects. */
  observe(fields, { tell, onAbort }) {
    const end = this.ports.screen.observe(fields, (value) => tell('intersects', value));
    return new Promise((resolve) => {
      onAbort(() => {
        end();
        resolve({});
      });
    });
  }

  /** Adds `success: true` to the answer of calls that are documented to return it. */
  async simply(name, work) {
    const answer = (await work()) ?? {};
    return this.ports.facts.call(name).answer.includes('success') ? { success: true, ...answer } : answer;
  }

  /** Asks the person, and converts their answer to the call's result. */
  async question(name, fields, ask) {
    const { facts } = this.ports;
    const { panel, settle, leaves, permission } = QUESTIONS[name];
    const given = { ...facts.call(name).defaults, ...fields };
    const fault = (number, more) => CallFault.of(facts, name, number, more);
    const decided = this.permissions[permission];
    if (decided?.allowed) return settle(decided.answer, given, fault);
    const shown = { kind: name, content: this.purposeOf(name), ...panel(given, facts) };
    const answer = await (leaves ? ask(shown) : this.askNext(shown));
    if (permission) this.permissions[permission] = { allowed: answer.action === 'ok', answer };
    return settle(answer, given, fault, this.files);
  }

  /** Returns the purpose that app.json declares for a call's permission. */
  purposeOf(name) {
    const { facts, permission = () => ({}) } = this.ports;
    const declared = permission();
    const scope = facts.call(name).permissions?.find((each) => declared[each]?.desc !== undefined);
    return scope && String(declared[scope].desc);
  }

  /**
   * Handles a press of a button with an `open-type`, after its tap event.
   *
   * @param {{ openType: string, scope?: string }} button
   * @param {(type: string, detail?: object) => void} fire receives each resulting event
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

  /** The person goes back: asks first if page code has requested it. @returns {Promise<boolean>} whether they leave the page */
  async leaves() {
    const { front, read } = this.ports.screen;
    const page = front();
    const { alertBeforeUnload: content } = read(page);
    if (content === undefined) return true;
    const { action } = await this.askNext({
      kind: 'alertBeforeUnload',
      content,
      choices: [
        { action: 'cancel', text: '取消' },
        { action: 'ok', text: '确定', main: true },
      ],
    });
    return action === 'ok' && front() === page;
  }

  /** Runs work that may show panels; page logic's `onShow` is called before or after the outcome, by profile. */
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

  /** Shows one panel at a time: the next one waits for the answer to the previous one. */
  askNext(panel) {
    const answer = this.lastPanel.then(() => this.ports.ask(panel));
    this.lastPanel = answer;
    return answer;
  }

  /** Called when the app ends. */
  end() {
    this.sockets.end();
  }

  /** Called when the front page is left. */
  leavePage() {
    this.network.leavePage();
    this.recorder.leavePage();
  }
}

/**
 * Returns whose `onShow` is called when a panel closes; sources differ by year.
 *
 * @param {{ onShow: string }} profiles
 * @returns {('app' | 'page')[]} in call order
 */
function shownAfterPanel({ onShow }) {
  return onShow === 'none' ? [] : onShow === 'app+page' ? ['app', 'page'] : ['page'];
}

/**
 * The sandbox's control interface, as a phone uses it: the platform's servers know the user's consents, the app's products and the auth
 * codes.
 *
 * @param {(path: string, init?: { method?: string, body?: object }) => Promise<any>} send calls an address below `/control/`
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
