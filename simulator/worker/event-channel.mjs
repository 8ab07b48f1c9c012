import { runPageCode } from './report.mjs';

/** One end of the channel between a page and its opener: the other end's listeners receive what this end emits. */
class EventChannel {
  #other;
  #listeners = new Map();

  /** @returns {[EventChannel, EventChannel]} */
  static pair() {
    const ends = [new EventChannel(), new EventChannel()];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  emit(name, ...values) {
    for (const listener of [...(this.#other.#listeners.get(name) ?? [])]) {
      if (listener.once) this.#other.#remove(name, listener);
      runPageCode(() => listener.callback(...values));
    }
  }

  on(name, callback) {
    this.#add(name, callback, false);
  }

  once(name, callback) {
    this.#add(name, callback, true);
  }

  off(name, callback) {
    if (callback === undefined) this.#listeners.delete(name);
    else for (const listener of this.#listeners.get(name) ?? []) if (listener.callback === callback) this.#remove(name, listener);
  }

  #add(name, callback, once) {
    if (typeof callback !== 'function') throw new TypeError(`EventChannel: the listener of "${name}" must be a function`);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { callback, once }]);
  }

  #remove(name, listener) {
    this.#listeners.set(
      name,
      this.#listeners.get(name).filter((each) => each !== listener),
    );
  }
}

/**
 * Opens the channel that `my.navigateTo` creates.
 *
 * @param {Record<string, Function>} [events] the opener's listeners
 * @returns {{ opener: EventChannel, opened: EventChannel }}
 */
export function openEventChannel(events = {}) {
  const [opener, opened] = EventChannel.pair();
  for (const [name, callback] of Object.entries(events)) opener.on(name, callback);
  return { opener, opened };
}
