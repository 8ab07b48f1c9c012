import { send } from './channel.mjs';
import { notice, runPageCode } from './report.mjs';

/**
 * The order of calls when the mini-program starts, goes into the background and comes back, and when a panel of the
 * platform closes.
 */
export class Life {
  /**
   * @param {RunningApp} app
   * @param {import('./navigation.mjs').Navigation} navigation
   * @param {{ path: string, pageQuery: object, scene: string, query?: object }} start how it was started: `query` is the app's
   */
  constructor(app, navigation, start) {
    Object.assign(this, { app, navigation, start });
    this.inBackground = false;
  }

  /** @param {Parameters<import('./navigation.mjs').Navigation['restore']>[0]} [pages] that were open before their code was changed */
  launch(pages = []) {
    this.app.fire('onLaunch', launchOptions(this.start));
    this.app.fire('onShow', launchOptions(this.start));
    const open = pages.filter(({ route }) => this.navigation.definitions.has(route));
    if (open.length > 0) {
      this.navigation.restore(open);
      return;
    }
    const { path, pageQuery } = this.start;
    if (this.navigation.definitions.has(path)) this.navigation.launch(path, pageQuery);
    else this.#notFound(path, pageQuery);
  }

  /** The app may go elsewhere while it is told, and not later; else the platform shows a page of its own. */
  #notFound(path, query) {
    this.app.fire('onPageNotFound', { path, query, isEntryPage: true });
    setTimeout(() => {
      if (!this.navigation.top) send({ type: 'page-missing', path });
    }, 0);
  }

  background() {
    if (this.inBackground) return;
    this.inBackground = true;
    this.navigation.top?.hide();
    this.app.fire('onHide');
  }

  foreground() {
    if (!this.inBackground) return;
    this.inBackground = false;
    this.app.fire('onShow', launchOptions(this.start));
    this.navigation.top?.show();
  }

  /** @param {('app' | 'page')[]} shows who is told that it is shown again */
  panelClosed(shows) {
    if (this.inBackground) return;
    if (shows.includes('app')) this.app.fire('onShow', launchOptions(this.start));
    if (shows.includes('page')) this.navigation.top?.fire('onShow');
  }
}

/**
 * How the app was started, as page code learns it: a copy each time, which it may keep and change.
 *
 * @param {{ path: string, scene: string, query?: object }} start
 */
export function launchOptions({ path, scene, query }) {
  return { path, scene, query: query && { ...query } };
}

/** What `my` calls events that the app has by other names. */
const LISTENED = { onShow: 'AppShow', onHide: 'AppHide' };

/** What was given to `App()`, which must be called once, and the calls of its life. */
export class RunningApp {
  /** @param {Record<string, boolean>} known what the platform calls, and whether it is simulated */
  constructor(known) {
    this.known = known;
    this.instance = undefined;
    /** Tells listeners that page code gave to `my`. @type {(event: string, ...values: any[]) => void} */
    this.hear = () => {};
  }

  register(options = {}) {
    if (this.instance) throw new Error('App() is called twice: the platform takes it once');
    this.instance = options;
    for (const name of Object.keys(options)) if (this.known[name] === false) notice(`the simulator never calls ${name} of the app`);
  }

  /** Calls what the app has for an event of its life, and then what listens to it through `my` (this order is assumed). */
  fire(name, ...values) {
    if (this.has(name)) runPageCode(() => this.instance[name](...values));
    this.hear(LISTENED[name] ?? name.replace(/^on/, ''), ...values);
  }

  has(name) {
    return typeof this.instance?.[name] === 'function';
  }

  /** Page code threw. An `onError` that throws is not called again for that. */
  error(error) {
    if (this.handling) return;
    this.handling = true;
    const isError = error instanceof Error;
    this.fire('onError', isError ? error.message : String(error), isError ? error.stack : undefined);
    this.handling = false;
  }

  rejection(reason, promise) {
    this.fire('onUnhandledRejection', { reason, promise });
  }
}
