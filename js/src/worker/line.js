import { copyable, isError } from './copyable.js';

/**
 * @typedef {{ postMessage(message: object): void, onMessage(receive: (message: any) => void): void }} Port
 * @typedef {(...args: any[]) => any} Answer
 */

/** One end of the connection between page and Worker: asks the other end and answers it, in call order. */
export class Line {
  /** @param {Port} port */
  constructor(port) {
    this.port = port;
    this.last = 0;
    /** @type {Map<number, { resolve: (value: any) => void, reject: (reason: any) => void }>} */
    this.waiting = new Map();
    /** @type {Record<string, Answer>} */
    this.answers = {};
    port.onMessage((message) => this.receive(message));
  }

  /**
   * Asks the other end.
   *
   * @param {string} what
   * @param {any[]} passed
   * @returns {Promise<any>}
   */
  ask(what, ...passed) {
    return new Promise((resolve, reject) => {
      this.last += 1;
      this.waiting.set(this.last, { resolve, reject });
      this.port.postMessage({ ask: this.last, what, passed: copyable(passed) });
    });
  }

  /**
   * Sends a message without an answer.
   *
   * @param {string} what
   * @param {any[]} passed
   */
  tell(what, ...passed) {
    this.port.postMessage({ what, passed: copyable(passed) });
  }

  /** @param {any} message */
  receive({ ask, answer, what, passed, value, failed, isError: wasError }) {
    if (answer === undefined) {
      const given = attempt(() => this.answers[what](...passed));
      // A message without an answer does not even report failures.
      if (ask === undefined) given.catch(() => {});
      else this.answer(ask, given);
      return;
    }
    const asked = this.waiting.get(answer);
    this.waiting.delete(answer);
    if (!asked) return;
    if (failed) asked.reject(wasError ? Object.assign(new Error(value.message), value) : value);
    else asked.resolve(value);
  }

  /**
   * @param {number} ask
   * @param {Promise<unknown>} given
   */
  answer(ask, given) {
    given.then(
      (value) => this.port.postMessage({ answer: ask, value: copyable(value) }),
      (reason) => this.port.postMessage({ answer: ask, failed: true, isError: isError(reason), value: copyable(reason) }),
    );
  }
}

/** @param {() => unknown} work */
function attempt(work) {
  return new Promise((resolve) => void resolve(work()));
}
