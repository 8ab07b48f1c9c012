import { base64, bytesOf, encodeRequest, requestFlavour, settleResponse } from './body.mjs';
import { CallFault } from './call-fault.mjs';
import { intersectionObserver } from './my-observer.mjs';
import { cityCalls } from './my-cities.mjs';
import { contextCalls, listenerCalls } from './my-contexts.mjs';
import { fileSystemManager } from './my-files.mjs';
import { selectorQuery } from './my-selector.mjs';
import { socketCalls } from './my-sockets.mjs';
import { valueCalls } from './my-values.mjs';
import { storageActions, storageFields } from './storage.mjs';

/**
 * Builds the object `my`: plain functions on a plain object, which page code may replace as on the platform.
 *
 * @typedef {object} Front the dependencies
 * @property {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts facts about the platform
 * @property {string[]} names the existing calls
 * @property {boolean} promises whether calls return a promise in addition to their callbacks
 * @property {boolean} socketTasks whether several WebSockets can exist, each with a SocketTask
 * @property {import('../../platform/reader.mjs').Profile} profiles
 * @property {(name: string, fields: object, answer: (outcome: import('./platform.mjs').Outcome, value: any) => void,
 *   tell?: (event: string, value: any) => void) => { abort(): void }} call starts a call; it is answered after page code has returned
 * @property {Map<string, string>} texts the storage's content
 * @property {(texts: Map<string, string>) => void} keep saves the changed storage
 * @property {import('./files.mjs').Files} files
 * @property {(name: string, fields: object, outcome: import('./platform.mjs').Outcome, result: any) => void} note records a call done at
 *   once
 * @property {(code: () => void) => void} run runs page code
 * @property {(error: Error) => void} report
 * @property {(run: () => void) => void} later runs a function in a later turn
 * @property {(name: string, reason: any, usesCallbacks: boolean) => void} untaken reports a rejected promise of a call that nobody handled,
 *   and whether the call had callbacks too
 * @property {() => object} systemInfo
 * @property {typeof OffscreenCanvas} [OffscreenCanvas] the browser's
 * @property {string} appId
 * @property {any} [extConfig] the content of ext.json, if any
 * @property {Record<string, string>} [packaged] the package's files that page code may read, in base64 by path
 * @property {() => object} launchOptions how the app was started
 * @property {(message: string) => void} hint reports a probable mistake or a missing feature
 * @property {(event: string, ...values: any[]) => void} [hear] triggers the listeners of a phone event; set by `createMy`
 * @property {(page: any) => any} pageOf maps page code's page object to the screen's page id
 * @property {(listener: Function) => void} onNeedPrivacyAuthorization
 * @property {Record<string, Function>} own further calls of this front
 *
 * @param {Front} front
 * @returns {Record<string, any>} functions and a few values
 */
export function createMy(front) {
  const { names, own } = front;
  const all = {
    ...storageCalls(front),
    httpRequest: requestCall(front, 'httpRequest'),
    request: requestCall(front, 'request'),
    uploadFile: transferCall(front, 'uploadFile'),
    downloadFile: transferCall(front, 'downloadFile'),
    ...socketCalls(front),
    ...valueCalls(front),
    ...contextCalls(front),
    ...listenerCalls(front),
    ...cityCalls(front),
    getFileSystemManager: once(() => fileSystemManager(front)),
    createSelectorQuery: () => selectorQuery(front),
    createIntersectionObserver: (options) => intersectionObserver(front, options),
    arrayBufferToBase64: (buffer) => base64(new Uint8Array(buffer)),
    base64ToArrayBuffer: (text) => bytesOf(String(text)).buffer,
    hideLoading: (options) =>
      start(front, 'hideLoading', options, { fields: ({ page }) => ({ page: page && front.pageOf(page) }) }).returned,
    canIUse: (name) => atOnce(front, 'canIUse', { name }, () => canIUse(name, names, front.facts)),
    onNeedPrivacyAuthorization: front.onNeedPrivacyAuthorization,
    ...own,
  };
  /** The platform carries out all other calls unchanged. */
  const plain = (name) => (options) => start(front, name, options).returned;
  const my = {};
  for (const name of names) {
    const [owner, member] = name.split('.');
    if (member === undefined) my[name] = all[name] ?? plain(name);
    else my[owner] = { ...my[owner], [member]: plain(name) };
  }
  return my;
}

/** Makes a function whose first result is its only one. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** Starts a call: callbacks, and a promise in versions of the platform that return one. */
export function start(front, name, options, { fields = withoutCallbacks, settle = (...answer) => answer, hear = undefined } = {}) {
  const given = typeof options === 'object' && options !== null ? options : {};
  const { success, fail, complete } = given;
  let sent;
  try {
    sent = fields(given);
  } catch (error) {
    sent = { invalid: String(error.message) };
  }
  const { promise, end } = promiseOf(front, name, given);
  const task = front.call(
    name,
    sent,
    (outcome, value) => {
      const [settled, result] = settle(outcome, value);
      tell(front, { success, fail, complete }, settled, result);
      end(settled, result);
    },
    hear,
  );
  return { task, returned: promise };
}

/** Creates the promise that a call returns, in versions of the platform that have promises, and the function that settles it. */
function promiseOf(front, name, { success, fail, complete }) {
  if (!front.promises) return { promise: undefined, end: () => {} };
  let settle;
  const promise = new CallPromise((resolve, reject) => {
    settle = { success: resolve, fail: reject };
  });
  const usesCallbacks = [success, fail, complete].some((callback) => typeof callback === 'function');
  promise.whenUntaken(front.later, (reason) => front.untaken(name, reason, usesCallbacks));
  return { promise, end: (outcome, result) => settle[outcome](result) };
}

function tell(front, callbacks, outcome, result) {
  for (const callback of [callbacks[outcome], callbacks.complete]) {
    if (typeof callback === 'function') front.run(() => callback(result));
    else if (callback !== undefined) front.report(new TypeError('success, fail and complete must be functions'));
  }
}

/** Builds a request call. It returns a task with `abort()`, which is also the promise if there is one. */
function requestCall(front, name) {
  const flavour = requestFlavour(name, front.profiles);
  return (options) => {
    const dataType = options?.dataType ?? 'json';
    const { task, returned } = start(front, name, options, {
      fields: (given) => encodeRequest(given, flavour.contentType),
      settle: (outcome, value) => (outcome === 'success' ? settleResponse(value, dataType, flavour) : [outcome, value]),
    });
    return Object.assign(returned ?? {}, { abort: () => task.abort() });
  };
}

/** The events of a transfer task, by the names of their listeners. */
const TRANSFER_EVENTS = { progress: 'ProgressUpdate', headers: 'HeadersReceived' };

/** Builds an upload or download call. It returns a task, which is also the promise if there is one. */
function transferCall(front, name) {
  return (options) => {
    const { on, off, hear } = listeners(front, TRANSFER_EVENTS);
    const { task, returned } = start(front, name, options, { hear });
    return Object.assign(returned ?? {}, { abort: () => task.abort(), ...on, ...off });
  };
}

/**
 * Builds methods that add listeners and remove them, one or all.
 *
 * @param {Front} front
 * @param {Record<string, string>} names the events' names within `onName` and `offName`
 */
export function listeners(front, names) {
  const heard = Object.fromEntries(Object.keys(names).map((event) => [event, new Set()]));
  const methods = (prefix, act) => Object.fromEntries(Object.entries(names).map(([event, name]) => [prefix + name, act(heard[event])]));
  return {
    on: methods('on', (known) => (listener) => void known.add(listener)),
    off: methods('off', (known) => (listener) => void (listener === undefined ? known.clear() : known.delete(listener))),
    hear(event, ...values) {
      for (const listener of [...heard[event]]) front.run(() => listener(...values));
    },
  };
}

/** Carries out a call within page logic; it only leaves a note, when it is done. */
export function atOnce({ note }, name, fields, work) {
  const done = (result) => {
    note(name, fields, 'success', result);
    return result;
  };
  const failed = (error) => {
    note(name, fields, 'fail', { error: error.error, errorMessage: error.message });
    throw error;
  };
  let result;
  try {
    result = work();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(done, failed) : done(result);
}

function storageCalls(front) {
  const calls = {};
  for (const [name, action] of Object.entries(storageActions(front.texts, front.keep, front.facts))) {
    calls[name] = (options) =>
      settleLater(front, name, options, () => {
        const fields = storageFields(options);
        return atOnce(front, name, fields, () => action(fields));
      });
    calls[`${name}Sync`] = (options) => {
      const fields = storageFields(options);
      try {
        return atOnce(front, `${name}Sync`, fields, () => action(fields));
      } catch (error) {
        // By the documents it returns what `fail` would get.
        if (front.profiles['storage-fail'] === 'return' && error instanceof CallFault) return { success: false, ...error.failure };
        throw error;
      }
    };
  }
  return calls;
}

/** Starts a call at once; its callbacks run after page code has returned, and after the promise of `work`, if it returns one. */
export function settleLater(front, name, options, work) {
  const given = typeof options === 'object' && options !== null ? options : {};
  const failed = (error) => ['fail', { error: error.error, errorMessage: error.message }];
  let settled;
  try {
    const result = work();
    settled = result instanceof Promise ? result.then((value) => ['success', value], failed) : ['success', result];
  } catch (error) {
    settled = failed(error);
  }
  const { promise, end } = promiseOf(front, name, given);
  void Promise.resolve(settled).then(([outcome, value]) => {
    tell(front, given, outcome, value);
    end(outcome, value);
  });
  return promise;
}

/**
 * Adds the returned promise to a call of the front's own that only knows callbacks.
 *
 * @param {Front} front
 * @param {string} name
 * @param {(options: any) => void} call
 */
export function withPromise(front, name, call) {
  return (options) => {
    const given = typeof options === 'object' && options !== null ? options : {};
    const { promise, end } = promiseOf(front, name, given);
    const settle = (outcome) => (value) => {
      if (typeof given[outcome] === 'function') given[outcome](value);
      end(outcome, value);
    };
    call({ ...given, success: settle('success'), fail: settle('fail') });
    return promise;
  };
}

/** Copies page code's options without the callbacks. */
export function withoutCallbacks(options) {
  return JSON.parse(JSON.stringify({ ...options, success: undefined, fail: undefined, complete: undefined }));
}

/** Promises on which page code called `then` or `await`. */
const taken = new WeakSet();

/**
 * The promise that newer versions of the platform return in addition to callbacks. It records whether anybody handled it: a rejected,
 * unhandled one would be an unhandled rejection.
 */
export class CallPromise extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }

  then(onFulfilled, onRejected) {
    taken.add(this);
    return super.then(onFulfilled, onRejected);
  }

  /**
   * Calls `found` with the reason if the promise is rejected and still unhandled then.
   *
   * @param {(run: () => void) => void} later runs a function in a later turn
   * @param {(reason: any) => void} found
   */
  whenUntaken(later, found) {
    super.then(undefined, (reason) =>
      later(() => {
        if (!taken.has(this)) found(reason);
      }),
    );
  }
}

/**
 * `my.canIUse`: `call`, `call.object|return|callback`, `call.object.option`, `call.object.option.value`, `call.return.field` (also for
 * methods of the returned object), `tag`, `tag.attribute`, `tag.attribute.value`; true if it exists here.
 *
 * @param {string} name
 * @param {string[]} names the existing calls
 * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
 */
export function canIUse(name, names, facts) {
  const parts = String(name).split('.');
  const nested = names.includes(parts.slice(0, 2).join('.')) ? 2 : 1;
  const first = parts.slice(0, nested).join('.');
  const rest = parts.slice(nested);
  if (names.includes(first)) return callHas(facts.call(first), rest);
  const rules = facts.tagRules(first);
  if (!rules) return false;
  const [attribute, value] = rest;
  if (attribute === undefined) return true;
  if (value === undefined) return Object.hasOwn(rules.attributes, attribute) || Object.hasOwn(rules.events, attribute);
  const rule = rules.attributes[attribute];
  return Array.isArray(rule) && rule.includes(value);
}

const CALLBACKS = ['success', 'fail', 'complete'];

/** @param {any} call @param {string[]} path */
function callHas({ options, answer = [], methods = [] }, [type, field, value]) {
  if (type === undefined) return true;
  if (type === 'object') {
    if (field === undefined) return true;
    if (value === undefined) return Object.hasOwn(options ?? {}, field) || (Boolean(options) && CALLBACKS.includes(field));
    return Array.isArray(options?.[field]) && options[field].includes(value);
  }
  if (type !== 'return' && type !== 'callback') return false;
  return field === undefined || answer.includes(field) || (type === 'return' && methods.includes(field));
}
