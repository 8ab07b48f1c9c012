import { Client } from '../../generated/miniauth_bg.js';
import { Control } from '../control.js';
import { reveal } from '../display-info.js';
import { responseIn } from '../glue.js';
import { forwardedMy } from './my.js';
import { page } from './page.js';

/**
 * @typedef {{ calls: string[], answersAtOnce: string[], usable: Record<string, boolean> }} Description
 */

/** One client in the Worker, with the page's pending requests. */
export class WorkerClient {
  /**
   * @param {number} id
   * @param {string} server
   * @param {number} tapLifetime
   * @param {number} panelTimeout
   * @param {boolean} debug
   * @param {Description} description
   * @param {{ key: string, answer: any }[]} stored
   */
  constructor(id, server, tapLifetime, panelTimeout, debug, description, stored) {
    this.id = id;
    /** @type {Map<number, { control: Control, wantsJudge: boolean, verdict: boolean, thrown?: { reason: unknown } }>} */
    this.requests = new Map();
    const my = forwardedMy(id, description, stored, (task, options, answer) => this.judge(task, options, answer));
    const observe = (/** @type {object} */ decision) => page.tell('observe', id, decision);
    this.client = new Client(my, server, observe, tapLifetime, panelTimeout, debug);
  }

  /**
   * @param {string} method
   * @param {any[]} passed
   */
  call(method, passed) {
    if (method === 'httpRequest') return this.httpRequest(passed[0], passed[1], passed[2]);
    const result = /** @type {any} */ (this.client)[method](...passed);
    return method === 'getAuthUserInfo' ? result.then(reveal) : result;
  }

  /**
   * @param {any} taken
   * @param {number} request its number
   * @param {boolean} wantsJudge whether the page has its own `isExpired`
   */
  httpRequest(taken, request, wantsJudge) {
    const control = new Control();
    const state = { control, wantsJudge, verdict: false, thrown: /** @type {any} */ (undefined) };
    this.requests.set(request, state);
    const attach = control.attach.bind(control);
    control.attach = (/** @type {any} */ task, /** @type {(() => void) | undefined} */ stopWaiting) => {
      // There is no task if the platform lacks the call.
      if (task) task.request = request;
      attach(task, stopWaiting);
    };
    const isExpired = () => {
      if (state.thrown) throw state.thrown.reason;
      return state.verdict;
    };
    const answered = this.client.httpRequest(wantsJudge ? { ...taken, isExpired } : taken, /** @type {any} */ (control));
    const ended = () => void this.requests.delete(request);
    answered.then(ended, ended);
    return answered;
  }

  /** @param {number} request */
  cancel(request) {
    const state = this.requests.get(request);
    if (state) state.control.cancel();
  }

  /**
   * Asks the page's `isExpired`. The module needs its result synchronously, so the page is asked before the module sees the answer.
   *
   * @param {{ request?: number }} task
   * @param {any} options
   * @param {any} answer
   * @returns {Promise<void>}
   */
  judge({ request }, options, answer) {
    const state = request === undefined ? undefined : this.requests.get(request);
    const response = responseIn(answer);
    if (!state || !state.wantsJudge || !response || !options.headers.authorization) return Promise.resolve();
    return page.ask('judge', this.id, request, response).then(
      (verdict) => {
        state.verdict = verdict;
      },
      (reason) => {
        state.thrown = { reason };
      },
    );
  }
}

/**
 * Returns the storage keys that a new client reads synchronously, so their values can be fetched first.
 *
 * @param {string} server
 * @param {boolean} debug
 */
export function keysOf(server, debug) {
  /** @type {string[]} */
  const keys = [];
  const my = {
    getStorageSync: (/** @type {{ key: string }} */ { key }) => {
      keys.push(key);
      return {};
    },
  };
  new Client(my, server, undefined, 0, 0, debug).free();
  return keys;
}
