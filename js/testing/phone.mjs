import { Faults } from '../../simulator/platform/faults.mjs';
import { createMy } from '../../simulator/platform/my.mjs';
import { Platform as Decisions } from '../../simulator/platform/platform.mjs';
import { systemInfo } from '../../simulator/platform/system-info.mjs';

/**
 * A phone without a screen. What the platform does is the simulator's own picture of it; here are the person in front of it and
 * the numbers of calls and panels. The ways to the platform's servers and to the app's are left to whoever extends it: `sandbox`,
 * `exchange(outgoing, signal, progress)`, `connect(handshake, on)` and `whitelist()`.
 */
export class Phone {
  /**
   * @param {object} options
   * @param {object} options.facts what is known of the platform
   * @param {string} options.user
   * @param {'legacy' | 'current'} options.apis
   * @param {object} options.profiles
   * @param {string} [options.faults]
   * @param {{ now(): number, advance(milliseconds: number): void, setTimeout: Function, clearTimeout: Function }} options.clock
   */
  constructor({ facts, user, apis, profiles, faults, clock }) {
    this.facts = facts;
    this.user = user;
    this.apis = apis;
    this.profiles = profiles;
    this.clock = clock;
    this.faults = new Faults(faults);
    /** Every call of page code, in order. */
    this.calls = [];
    /** What the person in front of the phone does when a panel appears, by its kind; `nothing` leaves it open. */
    this.answers = { consent: 'accept', privacy: 'agree', settings: {}, image: 'accept' };
    /** The pictures that the person has to choose from. @type {import('../../simulator/platform/files.mjs').File[]} */
    this.pictures = [{ bytes: PICTURE, type: 'image/gif' }];
    /** How many consent panels were shown, and how many privacy popups. */
    this.panels = 0;
    this.popups = 0;
    /** Whose `onShow` was called after a panel, in order. */
    this.shown = [];
    /** What the storage holds, which outlives the app. */
    this.texts = new Map();
    this.agreed = false;
    /** What stands around the page: `loading`, `title` and the like, once a call has changed it. */
    this.screen = {};
    /** Runs something in a later turn than page code's. */
    this.later = setImmediate;
    /** What is wrong with the mini-program, or not simulated. */
    this.reported = [];
    /** Calls that returned a promise which was rejected and which nobody took. */
    this.untaken = [];
  }

  /** The app is started: what the platform remembers of a run is gone, what the phone keeps is not. */
  start() {
    const { facts, profiles } = this;
    this.decisions?.end();
    this.decisions = new Decisions({
      user: () => this.user,
      facts,
      profiles,
      faults: this.faults,
      sandbox: this.sandbox,
      ask: (panel) => this.ask(panel),
      toast: () => Promise.resolve({}),
      screen: this.screenPort(),
      picture: async (src) => (this.decisions.files.find(src) ? { width: 1, height: 1, type: 'gif' } : undefined),
      exchange: (outgoing, signal, progress) => this.exchange(outgoing, signal, progress),
      connect: (handshake, on) => this.connect(handshake, on),
      whitelist: () => this.whitelist(),
      privacyCheck: () => false,
      agreed: { read: () => this.agreed, write: (agreed) => { this.agreed = agreed; } },
      clock: this.clock,
      record: { request: () => () => {}, socket: () => () => {} },
      show: (shows) => void this.shown.push(...shows),
      report: (error) => void this.reported.push(error),
    });
    const { privacy } = this.decisions;
    const my = createMy({
      facts,
      names: facts.simulatedCalls(this.apis).filter((name) => !NOT_HERE.includes(name)),
      promises: this.apis === 'current' && profiles.promise === 'yes',
      socketTasks: this.apis === 'current',
      profiles,
      call: (name, fields, answer, hear) => this.decisions.call(name, fields, (outcome, value) => answer(outcome, outcome === 'fail' ? classless(value) : value), hear),
      texts: this.texts,
      keep: () => {},
      note: () => {},
      run: (code) => this.run(code),
      report: (error) => void this.reported.push(error),
      later: (run) => void this.later(run),
      untaken: (name) => void this.untaken.push(name),
      systemInfo: () => systemInfo(this.apis),
      appId: '2021000000000001',
      launchOptions: () => ({ path: 'pages/index/index', scene: '0000', query: undefined }),
      hint: () => {},
      pageOf: () => undefined,
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
    if (typeof call !== 'function') return call;
    return (options) => {
      this.calls.push({ name, ...options });
      return call(options);
    };
  }

  /** One page without anything drawn on it: what calls change of its surroundings stands in `screen`. */
  screenPort() {
    return {
      front: () => 1,
      read: () => this.screen,
      change: (_page, fields) => void Object.assign(this.screen, fields),
      tabs: () => 0,
      changeTab: () => {},
      changeTabBar: () => {},
      scroll: () => {},
      pulled: () => {},
      hideToast: () => {},
      hideKeyboard: () => {},
      observe: () => () => {},
      measure: async ({ queries }) => queries.map(({ all }) => (all ? [] : null)),
    };
  }

  async ask({ kind, authSetting, choices }) {
    if (kind === 'consent') this.panels += 1;
    if (kind === 'privacy') this.popups += 1;
    const answer = this.answers[kind];
    if (kind === 'image' && answer === 'accept') return { files: this.pictures };
    if (answer === 'nothing') await new Promise(() => {});
    if (choices) return { action: choices.find(({ main }) => main)?.action, ...(typeof answer === 'string' ? { action: answer } : answer) };
    return kind === 'settings' ? { ...authSetting, ...answer } : (answer ?? {});
  }

  /** The person presses a button with an `open-type`. Resolves to the events that the page gets: the tap, then what results. */
  async press(button = { openType: 'getAuthorize', scope: 'userInfo' }) {
    const events = [this.event('tap', {})];
    await this.decisions.press(button, (type, detail) => events.push(this.event(type, detail)));
    return events;
  }

  /** The event by which the page learns whether the person agreed to nickname and avatar. */
  async authorise() {
    return (await this.press()).find(({ type }) => type !== 'tap' && type !== 'getUserInfo');
  }

  /** An event of the platform. Nobody presses twice in one millisecond: the stamp tells presses apart. */
  event(type, detail) {
    this.clock.advance(1);
    this.lastEvent = Math.max(this.clock.now(), (this.lastEvent ?? 0) + 1);
    return { type, timeStamp: this.lastEvent, target: {}, currentTarget: {}, detail };
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

/** One transparent point. */
const PICTURE = Uint8Array.from(atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'), (character) => character.charCodeAt(0));

/** Here are no pages to navigate or to share, and no Worker. */
const NOT_HERE = ['navigateTo', 'redirectTo', 'navigateBack', 'switchTab', 'reLaunch', 'createWorker', 'showSharePanel'];

/** What the platform fails with: no error, and of no class. */
function classless(failure) {
  return Object.assign(Object.create(null), failure);
}
