import { jsonCopy } from '../platform/plain.mjs';
import { send } from './channel.mjs';
import { touched } from './page-definition.mjs';
import { findLoss } from './plain.mjs';
import { notice, reportError, runPageCode } from './report.mjs';
import { setPath, splicePath } from './set-data.mjs';

/** One opened page: the instance that page code sees as `this`, its data and its life. */
export class OpenPage {
  /**
   * @param {number} id
   * @param {string} route
   * @param {import('./page-definition.mjs').PageDefinition} definition
   * @param {{ isTab: boolean, channel?: object, router: (page: OpenPage) => object }} parts
   */
  constructor(id, route, definition, { isTab, channel, router }) {
    Object.assign(this, { id, route, definition, isTab });
    this.visible = false;
    this.closed = false;
    this.callbacks = new Map();
    this.nextCallback = 1;
    this.changed = new Set();
    this.batches = 0;
    this.instance = this.#createInstance(channel, router(this));
  }

  #createInstance(channel, router) {
    const { definition } = this;
    return {
      ...definition.members,
      data: runPageCode(() => definition.createData()) ?? {},
      route: this.route,
      router,
      pageRouter: router,
      setData: (changes, callback) => this.#update(changes, callback, setPath),
      $spliceData: (changes, callback) => this.#update(changes, callback, splicePath),
      $batchedUpdates: (work) => this.#batch(() => runPageCode(work)),
      getOpenerEventChannel: () => channel,
      hasMixin: (mixin) => definition.mixinIds.includes(mixin),
    };
  }

  /** Changes the data here, tells observers, then the host; the callback runs once it is on the screen. */
  #update(changes, callback, apply) {
    if (typeof changes !== 'object' || changes === null) throw new TypeError('setData takes an object');
    // An unloaded page has no data that could be set.
    if (this.closed) return;
    const loss = findLoss(changes);
    if (loss) notice(`setData: ${loss}, which JSON does not keep: the platform takes only what it keeps`);
    const copy = jsonCopy(changes);
    for (const [path, value] of Object.entries(copy)) this.changed.add(apply(this.instance.data, path, value));
    if (typeof callback === 'function') {
      this.callbacks.set(this.nextCallback, callback);
      this.nextCallback += 1;
    }
    this.#batch(() => {
      for (const { callback: observer, values } of touched(this.definition.observers, Object.keys(copy), this.instance.data))
        {runPageCode(() => observer.apply(this.instance, values));}
    });
  }

  /** What is set meanwhile goes to the host in one message. */
  #batch(work) {
    this.batches += 1;
    work();
    this.batches -= 1;
    if (this.batches > 0 || this.closed) return;
    const { data } = this.instance;
    const changes = Object.fromEntries([...this.changed].map((name) => [name, data[name]]));
    this.changed.clear();
    const token = this.callbacks.size > 0 ? this.nextCallback - 1 : undefined;
    send({ type: 'page-data', page: this.id, data: jsonCopy(changes), token });
  }

  /** @param {number} token the last callback that was set when the host was told what is now on the screen */
  rendered(token) {
    for (const [number, callback] of this.callbacks) {
      if (number > token) break;
      this.callbacks.delete(number);
      runPageCode(() => callback.call(this.instance));
    }
  }

  /** Calls whatever the page has for an event of its life. */
  fire(name, ...values) {
    for (const hook of this.definition.hooks(name, this.instance)) runPageCode(() => hook.apply(this.instance, values));
  }

  show() {
    if (this.visible) return;
    this.visible = true;
    this.fire('onShow');
  }

  hide() {
    if (!this.visible) return;
    this.visible = false;
    this.fire('onHide');
  }

  unload() {
    this.fire('onUnload');
    this.closed = true;
    this.visible = false;
    send({ type: 'page-close', page: this.id });
  }

  /** Hands a user's act to the method that the AXML names. */
  event(method, event, place) {
    if (this.closed) return;
    if (typeof this.instance[method] !== 'function') {
      reportError(new TypeError(`the page has no method "${method}"`), place);
      return;
    }
    runPageCode(() => this.instance[method](event));
  }
}
