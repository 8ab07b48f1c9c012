import { Listeners } from './listeners.js';
import { read, taken, wrong } from './options.js';

const EVENTS = ['start', 'end', 'error'];

/** Reports the start and the end of requests, without their content. */
export class Requests {
  constructor() {
    this.listeners = new Listeners();
    this.last = 0;
  }

  /** @param {unknown} listener */
  add(listener) {
    const given = taken(() => read('onRequest', listener, EVENTS));
    for (const name of Object.keys(given)) {
      if (typeof given[name] !== 'function') throw wrong(`onRequest: ${name} must be a function`, given[name]);
    }
    return this.listeners.add(given);
  }

  /**
   * Reports a start.
   *
   * @param {string} operation
   * @param {{ method?: string, url: string }} [request] omitted if the call makes its own requests
   * @returns {(status?: number, code?: string, attempt?: number) => void} reports the end: with a code and no status on failure
   */
  start(operation, request) {
    this.last += 1;
    const at = Date.now();
    const started = Object.assign({ id: this.last, operation }, request && { method: request.method, path: pathOf(request.url) });
    this.tell('start', started);
    return (status, code, attempt) => {
      const ended = { ...started, attempt, ms: Date.now() - at };
      if (status === undefined && code !== undefined) this.tell('error', { ...ended, code });
      else this.tell('end', { ...ended, status });
    };
  }

  /**
   * @param {string} event
   * @param {object} told
   */
  tell(event, told) {
    this.listeners.tell((listener) => listener[event] && listener[event]({ ...told }));
  }
}

/**
 * Returns an address's path, without the query: the host is known, and a query may identify a user.
 *
 * @param {string} url
 */
function pathOf(url) {
  return url.replace(/^[^:]*:\/\/[^/?#]*/, '').replace(/[?#][^]*/, '') || '/';
}
