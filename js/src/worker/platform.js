import { callPlatform } from '../calls.js';
import { abortQuietly } from '../control.js';
import { platformCall } from '../transports.js';

/** The platform's calls that the module makes and that answer by callback. */
const ASYNCHRONOUS = [
  'connectSocket', 'downloadFile', 'getAuthCode', 'getAuthUserInfo', 'getOpenUserInfo', 'getPhoneNumber', 'httpRequest', 'request',
  'uploadFile',
];

/** Those that answer at once. */
const SYNCHRONOUS = ['getStorageSync', 'setStorageSync', 'removeStorageSync'];

/** The page's `my`, as the Worker gets to use it. */
export class Platform {
  /** @param {Record<string, any>} my */
  constructor(my) {
    this.my = my;
    /** @type {Map<number, any>} */
    this.tasks = new Map();
  }

  /** What the Worker must know at once when the module asks: which calls there are, and what `canIUse` says of them. */
  describe() {
    const { my } = this;
    const calls = ASYNCHRONOUS.filter((name) => typeof my[name] === 'function');
    const answersAtOnce = SYNCHRONOUS.filter((name) => typeof my[name] === 'function');
    /** @type {Record<string, boolean>} */
    const usable = {};
    for (const name of calls) {
      try {
        usable[name] = typeof my.canIUse !== 'function' || Boolean(my.canIUse(name));
      } catch {
        usable[name] = true;
      }
    }
    return { calls, answersAtOnce, usable };
  }

  /**
   * @param {number} call its number, by which the Worker may abort it
   * @param {string} name
   * @param {object} options
   */
  call(call, name, options) {
    const { answered, task } = callPlatform(this.my, this.function(name), options);
    this.tasks.set(call, task);
    const ended = () => void this.tasks.delete(call);
    answered.then(ended, ended);
    return answered;
  }

  /** @param {number} call */
  abort(call) {
    abortQuietly(this.tasks.get(call));
  }

  /**
   * @param {string} name
   * @param {object} options
   * @returns {boolean} whether the storage neither threw nor answered with an error object
   */
  store(name, options) {
    try {
      const answer = this.function(name).call(this.my, options);
      return !(answer && answer.error);
    } catch {
      return false;
    }
  }

  /**
   * @param {string[]} keys
   * @returns {{ key: string, answer: unknown }[]} without what the storage threw at
   */
  stored(keys) {
    /** @type {{ key: string, answer: unknown }[]} */
    const stored = [];
    for (const key of keys) {
      try {
        stored.push({ key, answer: this.function('getStorageSync').call(this.my, { key }) });
      } catch {
        // It costs only what was stored.
      }
    }
    return stored;
  }

  /** @param {string} name */
  function(name) {
    const original = platformCall(this.my, name);
    if (typeof original !== 'function') throw new Error(`my.${name} is missing`);
    return original;
  }
}
