import { callPlatform } from '../calls.js';
import { abortQuietly } from '../control.js';
import { platformCall } from '../transports.js';

/** Platform calls of the module that answer by callback. */
const ASYNCHRONOUS = [
  'connectSocket',
  'downloadFile',
  'getAuthCode',
  'getAuthUserInfo',
  'getOpenUserInfo',
  'getPhoneNumber',
  'httpRequest',
  'request',
  'uploadFile',
];

/** Those that answer synchronously. */
const SYNCHRONOUS = ['getStorageSync', 'setStorageSync', 'removeStorageSync'];

/** The page's `my`, as used by the Worker. */
export class Platform {
  /** @param {Record<string, any>} my */
  constructor(my) {
    this.my = my;
    /** @type {Map<number, any>} */
    this.tasks = new Map();
  }

  /** Returns what the Worker must know synchronously: the existing calls, and their `canIUse`. */
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
   * @param {number} call its number, with which the Worker can abort it
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
   * @returns {boolean} whether the storage succeeded, neither throwing nor returning an error
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
   * @returns {{ key: string, answer: unknown }[]} without keys at which the storage threw
   */
  stored(keys) {
    /** @type {{ key: string, answer: unknown }[]} */
    const stored = [];
    for (const key of keys) {
      try {
        stored.push({ key, answer: this.function('getStorageSync').call(this.my, { key }) });
      } catch {
        // Ignored: only the stored value is lost.
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
