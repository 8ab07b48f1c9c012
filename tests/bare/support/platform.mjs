import http from 'node:http';
import { platform as facts } from '../../../platform/index.mjs';
import { createMy, systemInfo } from '../../../simulator/platform/my.mjs';
import { Faults } from '../../../simulator/platform/faults.mjs';
import { Platform as Decisions, sandboxOf } from '../../../simulator/platform/platform.mjs';
import { forward } from '../../../simulator/server/forward.mjs';
import { RealClock } from './clock.mjs';

/** The app's own address, which stands for the local server. */
export const ORIGIN = 'https://api.shop.example';

/** Connections are kept: a few thousand visits would use up the ports of this machine. */
const agent = new http.Agent({ keepAlive: true });

/**
 * A phone over the real sandbox and the real server. What the platform does is the simulator's own picture of it; here are
 * the person in front of it, the numbers of calls and panels, and the ways to the two servers.
 */
export class Platform {
  /**
   * @param {{ sandbox?: string, server?: string }} urls
   * @param {string} user
   * @param {'legacy' | 'current'} apis
   * @param {{ profiles?: object, clock?: object }} [options]
   */
  constructor(urls, user, apis, { profiles = facts.defaultProfile(), clock = new RealClock() } = {}) {
    this.urls = urls;
    this.user = user;
    this.apis = apis;
    this.profiles = profiles;
    this.clock = clock;
    this.faults = new Faults();
    /** Every call of page code, in order. */
    this.calls = [];
    /** What the person in front of the phone does when a panel appears, by its kind; `nothing` leaves it open. */
    this.answers = { consent: 'accept', privacy: 'agree', settings: {} };
    /** How many consent panels were shown, and how many privacy popups. */
    this.panels = 0;
    this.popups = 0;
    /** Whose `onShow` was called after a panel, in order. */
    this.shown = [];
    /** The local servers that answer for the app's addresses. */
    this.origins = { [ORIGIN]: urls.server };
    /** Addresses that are never answered: there is nothing to wait for but time. */
    this.neverAnswers = () => false;
    /** What the storage holds, which outlives the app. */
    this.texts = new Map();
    this.agreed = false;
    /** Runs something in a later turn than page code's. */
    this.later = setImmediate;
    /** What is wrong with the mini-program, or not simulated. */
    this.reported = [];
    /** Calls that returned a promise which was rejected and which nobody took. */
    this.untaken = [];
    this.start();
  }

  /** The consent panel's answer. */
  set decision(decision) {
    this.answers.consent = decision;
  }

  /** The app is started: what the platform remembers of a run is gone, what the phone keeps is not. */
  start() {
    this.decisions = new Decisions({
      user: () => this.user,
      facts,
      profiles: this.profiles,
      faults: this.faults,
      sandbox: sandboxOf((path, { method, body } = {}) => this.control(path, method, body)),
      ask: (panel) => this.ask(panel),
      toast: () => Promise.resolve({}),
      exchange: (outgoing, signal) => this.exchange(outgoing, signal),
      whitelist: () => Object.keys(this.origins),
      privacyCheck: () => false,
      agreed: { read: () => this.agreed, write: (agreed) => { this.agreed = agreed; } },
      clock: this.clock,
      record: { request: () => () => {} },
      show: (shows) => void this.shown.push(...shows),
      report: (error) => void this.reported.push(error),
    });
    const { privacy } = this.decisions;
    const my = createMy({
      facts,
      names: facts.simulatedCalls(this.apis).filter((name) => !NOT_HERE.includes(name)),
      promises: this.apis === 'current' && this.profiles.promise === 'yes',
      profiles: this.profiles,
      call: (name, fields, answer) => this.decisions.call(name, fields, (outcome, value) => answer(outcome, outcome === 'fail' ? classless(value) : value)),
      texts: this.texts,
      keep: () => {},
      note: () => {},
      run: (code) => this.run(code),
      report: (error) => void this.reported.push(error),
      later: (run) => void this.later(run),
      untaken: (name) => void this.untaken.push(name),
      systemInfo: () => systemInfo(this.apis),
      onNeedPrivacyAuthorization: (listener) => {
        privacy.tellApp = (number, referrer) => listener(({ event }) => privacy.decide(number, event), { referrer });
      },
      own: {},
    });
    this.my = Object.fromEntries(Object.entries(my).map(([name, call]) => [name, this.counted(name, call)]));
  }

  /** Page code's callbacks. What they throw does not reach the platform. */
  run(code) {
    try {
      code();
    } catch (error) {
      this.reported.push(error);
    }
  }

  counted(name, call) {
    return (options) => {
      this.calls.push({ name, ...options });
      return call(options);
    };
  }

  async ask({ kind, authSetting }) {
    if (kind === 'consent') this.panels += 1;
    if (kind === 'privacy') this.popups += 1;
    const answer = this.answers[kind];
    if (answer === 'nothing') await new Promise(() => {});
    return kind === 'settings' ? { ...authSetting, ...answer } : (answer ?? {});
  }

  /** The person presses a button with an `open-type`. Resolves to the events that the page gets: the tap, then what results. */
  async press(button = { openType: 'getAuthorize', scope: 'userInfo' }) {
    const events = [this.event('tap', {})];
    await this.decisions.press(button, (type, detail) => events.push(this.event(type, detail)));
    return events;
  }

  /** The event by which the page learns that the person agreed to nickname and avatar. */
  async authorise() {
    return (await this.press()).find(({ type }) => type !== 'tap' && type !== 'getUserInfo');
  }

  /** An event of the platform. Nobody presses twice in one millisecond: the stamp tells presses apart. */
  event(type, detail) {
    this.clock.advance(1);
    this.lastEvent = Math.max(this.clock.now(), (this.lastEvent ?? 0) + 1);
    return { type, timeStamp: this.lastEvent, target: {}, currentTarget: {}, detail };
  }

  exchange(outgoing, signal) {
    const answered = forward(outgoing, this.origins, signal, agent);
    return this.neverAnswers(outgoing.url) ? answered : this.clock.during(answered);
  }

  /** The sandbox's control interface. */
  control(path, method = 'GET', body = undefined) {
    return this.clock.during(sendJson(`${this.urls.sandbox}/control/${path}`, method, body));
  }

  /** How often page code called `my.<name>`. */
  count(name) {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** The requests that left, whichever call they took. */
  get requests() {
    return this.calls.filter(({ name }) => name === 'request' || name === 'httpRequest');
  }
}

/** Here are no pages to navigate; its Worker is the engine's own. */
const NOT_HERE = ['navigateTo', 'redirectTo', 'navigateBack', 'switchTab', 'reLaunch', 'createWorker'];

/** What the platform fails with: no error, and of no class. */
function classless(failure) {
  return Object.assign(Object.create(null), failure);
}

function sendJson(address, method, body, own = agent) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(address, { method, headers, agent: own }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const answer = text === '' ? undefined : JSON.parse(text);
      if (response.statusCode < 300) resolve(answer);
      else reject(new Error(`sandbox: ${response.statusCode} ${answer?.error}`));
    });
    request.on('error', (error) => {
      // The sandbox had closed the kept connection, and has not seen the request.
      if (request.reusedSocket && error.code === 'ECONNRESET') sendJson(address, method, body, false).then(resolve, reject);
      else reject(error);
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
