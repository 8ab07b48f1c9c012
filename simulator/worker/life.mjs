import { send } from './channel.mjs';

/**
 * The order of calls when the mini-program starts, goes into the background and comes back, and when a panel of the
 * platform closes.
 */
export class Life {
  /**
   * @param {import('./app.mjs').RunningApp} app
   * @param {import('./navigation.mjs').Navigation} navigation
   * @param {{ path: string, pageQuery: object, scene: string, query?: object }} start how it was started: `query` is the app's
   */
  constructor(app, navigation, start) {
    Object.assign(this, { app, navigation, start });
    this.inBackground = false;
  }

  launch() {
    this.app.fire('onLaunch', this.#options());
    this.app.fire('onShow', this.#options());
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
    this.app.fire('onShow', this.#options());
    this.navigation.top?.show();
  }

  /** @param {('app' | 'page')[]} shows who is told that it is shown again */
  panelClosed(shows) {
    if (this.inBackground) return;
    if (shows.includes('app')) this.app.fire('onShow', this.#options());
    if (shows.includes('page')) this.navigation.top?.fire('onShow');
  }

  /** A copy each time: page code may keep and change it. */
  #options() {
    const { path, scene, query } = this.start;
    return { path, scene, query: query && { ...query } };
  }
}
