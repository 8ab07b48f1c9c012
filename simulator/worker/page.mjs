import { send } from './channel.mjs';
import { jsonCopy } from './plain.mjs';
import { reportError, runPageCode } from './report.mjs';
import { setPath } from './set-data.mjs';

/** One opened page: the instance that page code sees as `this`, and its life. */
export class OpenPage {
  /** @param {number} id @param {string} route @param {object} options what was given to `Page()` */
  constructor(id, route, options) {
    this.id = id;
    this.route = route;
    this.closed = false;
    this.callbacks = new Map();
    this.nextCallback = 1;
    this.instance = this.createInstance(options);
  }

  createInstance(options) {
    const { data, ...members } = options;
    const initial = typeof data === 'function' ? runPageCode(() => data()) : data;
    const instance = { ...members, data: jsonCopy(initial ?? {}), route: this.route };
    instance.setData = (changes, callback) => this.setData(changes, callback);
    return instance;
  }

  /** Sends the changed data to the host; the callback runs once it is on the screen. */
  setData(changes, callback) {
    if (typeof changes !== 'object' || changes === null) throw new TypeError('setData takes an object');
    const { data } = this.instance;
    const changed = {};
    for (const [path, value] of Object.entries(jsonCopy(changes))) {
      const name = setPath(data, path, value);
      changed[name] = data[name];
    }
    if (this.closed) return;
    let token;
    if (typeof callback === 'function') {
      token = this.nextCallback;
      this.nextCallback += 1;
      this.callbacks.set(token, callback);
    }
    send({ type: 'page-data', page: this.id, data: jsonCopy(changed), token });
  }

  rendered(token) {
    const callback = this.callbacks.get(token);
    this.callbacks.delete(token);
    if (callback) runPageCode(() => callback.call(this.instance));
  }

  /** Calls a method of the life cycle, if the page has it. */
  life(method, ...values) {
    if (typeof this.instance[method] === 'function') runPageCode(() => this.instance[method](...values));
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
