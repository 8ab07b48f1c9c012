import { send } from './channel.mjs';
import { notice, runPageCode } from './report.mjs';

/**
 * Calls the lifecycle in the platform's order: at launch, on the way to the background and back, and when a platform panel closes.
 */
export class Life {
  /**
   * @param {RunningApp} app
   * @param {import('./navigation.mjs').Navigation} navigation
   * @param {{ path: string, pageQuery: object, scene: string, query?: object }} start the launch parameters: `query` is the app's
   */
  constructor(app, navigation, start) {
    Object.assign(this, { app, navigation, start });
    this.inBackground = false;
  }

  /** @param {Parameters<import('./navigation.mjs').Navigation['restore']>[0]} [pages] pages that were open before a reload */
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

  /** The app may navigate elsewhere within this callback, not later; otherwise the platform shows its own error page. */
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

  /** @param {('app' | 'page')[]} shows whose `onShow` is called */
  panelClosed(shows) {
    if (this.inBackground) return;
    if (shows.includes('app')) this.app.fire('onShow', launchOptions(this.start));
    if (shows.includes('page')) this.navigation.top?.fire('onShow');
  }
}

/**
 * Returns the launch options for page code: a fresh copy each time, which it may keep and change.
 *
 * @param {{ path: string, scene: string, query?: object }} start
 */
export function launchOptions({ path, scene, query }) {
  return { path, scene, query: query && { ...query } };
}

/** Events whose listeners on `my` have another name than the app's hook. */
const LISTENED = { onShow: 'AppShow', onHide: 'AppHide' };

/** The options of `App()`, which must be called exactly once, and the app's lifecycle calls. */
export class RunningApp {
  /** @param {Record<string, boolean>} known the hooks that the platform calls, and whether they are simulated */
  constructor(known) {
    this.known = known;
    this.instance = undefined;
    /** Calls the listeners registered through `my`. @type {(event: string, ...values: any[]) => void} */
    this.hear = () => {};
  }

  register(options = {}) {
    if (this.instance) throw new Error('App() is called twice: the platform allows one call');
    this.instance = options;
    for (const name of Object.keys(options)) if (this.known[name] === false) notice(`the simulator never calls ${name} of the app`);
  }

  /** Calls the app's hook, then the listeners registered through `my` (this order is assumed). */
  fire(name, ...values) {
    if (this.has(name)) runPageCode(() => this.instance[name](...values));
    this.hear(LISTENED[name] ?? name.replace(/^on/, ''), ...values);
  }

  has(name) {
    return typeof this.instance?.[name] === 'function';
  }

  /** Handles an error of page code. An `onError` that throws is not called for its own error. */
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
