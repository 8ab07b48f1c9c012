import { Faults } from '../../simulator/platform/faults.mjs';
import { createMy } from '../../simulator/platform/my.mjs';
import { Platform as Decisions } from '../../simulator/platform/platform.mjs';
import { systemInfo } from '../../simulator/platform/system-info.mjs';

/**
 * A phone without a screen. The platform's behaviour is the simulator's; this class adds the person and the counts of calls and panels.
 * Subclasses provide the ways to the platform's and the app's servers: `sandbox`, `exchange(outgoing, signal, progress)`,
 * `connect(handshake, on)` and `whitelist()`.
 */
export class Phone {
  /**
   * @param {object} options
   * @param {object} options.facts facts about the platform
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
    /** The person's reaction to a panel, by its kind; `nothing` leaves it open. */
    this.answers = { consent: 'accept', privacy: 'agree', settings: {}, image: 'accept' };
    /** The pictures to choose from. @type {import('../../simulator/platform/files.mjs').File[]} */
    this.pictures = [{ bytes: PICTURE, type: 'image/gif' }];
    /** The numbers of consent panels and of privacy popups shown. */
    this.panels = 0;
    this.popups = 0;
    /** Whose `onShow` was called after a panel, in order. */
    this.shown = [];
    /** The storage, which survives the app. */
    this.texts = new Map();
    this.agreed = false;
    /** What calls have changed around the page: `loading`, `title` and so on. */
    this.screen = {};
    /** Runs a function in a later turn. */
    this.later = setImmediate;
    /** Faults of the mini-program, and uses of unsimulated features. */
    this.reported = [];
    /** Calls whose returned promise was rejected and not handled. */
    this.untaken = [];
  }

  /** Starts the app: the platform's state of a run is reset, the phone's storage stays. */
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
      agreed: {
        read: () => this.agreed,
        write: (agreed) => {
          this.agreed = agreed;
        },
      },
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
      call: (name, fields, answer, hear) =>
        this.decisions.call(name, fields, (outcome, value) => answer(outcome, outcome === 'fail' ? classless(value) : value), hear),
      texts: this.texts,
      keep: () => {},
      files: this.decisions.files,
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

  /** Runs page code's callbacks. Their errors do not reach the platform. */
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

  /** A single page without content; what calls change around it is in `screen`. */
  screenPort() {
    return {
      front: () => 1,
      isFirst: () => true,
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

  /** Presses a button with an `open-type`. Resolves to the page's events: the tap, then the results. */
  async press(button = { openType: 'getAuthorize', scope: 'userInfo' }) {
    const events = [this.event('tap', {})];
    await this.decisions.press(button, (type, detail) => events.push(this.event(type, detail)));
    return events;
  }

  /** Presses the authorising button and returns the event that tells whether the person agreed. */
  async authorise() {
    return (await this.press()).find(({ type }) => type !== 'tap' && type !== 'getUserInfo');
  }

  /** Creates an event of the platform. Time stamps are unique, because nobody presses twice in one millisecond. */
  event(type, detail) {
    this.clock.advance(1);
    this.lastEvent = Math.max(this.clock.now(), (this.lastEvent ?? 0) + 1);
    return { type, timeStamp: this.lastEvent, target: {}, currentTarget: {}, detail };
  }

  /** How often page code called `my.<name>`. */
  count(name) {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** The requests sent, with either call. */
  get requests() {
    return this.calls.filter(({ name }) => name === 'request' || name === 'httpRequest');
  }
}

/** One transparent pixel. */
const PICTURE = Uint8Array.from(atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'), (character) => character.charCodeAt(0));

/** Calls that this phone lacks: it has no pages to navigate or share, and no Worker. */
const NOT_HERE = ['navigateTo', 'redirectTo', 'navigateBack', 'switchTab', 'reLaunch', 'createWorker', 'showSharePanel'];

/** Removes the class of a failure: the platform fails with plain objects. */
function classless(failure) {
  return Object.assign(Object.create(null), failure);
}
