import { base64, bytesOf, encodeRequest, requestFlavour, settleResponse } from './body.mjs';
import { CallFault } from './call-fault.mjs';
import { intersectionObserver } from './my-observer.mjs';
import { contextCalls, listenerCalls } from './my-contexts.mjs';
import { selectorQuery } from './my-selector.mjs';
import { socketCalls } from './my-sockets.mjs';
import { valueCalls } from './my-values.mjs';
import { storageActions, storageFields } from './storage.mjs';

/**
 * The front of the platform: the object `my`. Plain functions on a plain object, which page code may replace as it may there.
 *
 * @typedef {object} Front what it needs
 * @property {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts what is known of the platform
 * @property {string[]} names the calls that exist
 * @property {boolean} promises whether calls return a promise beside their callbacks
 * @property {boolean} socketTasks whether there can be several WebSockets, each with a SocketTask
 * @property {import('../../platform/reader.mjs').Profile} profiles
 * @property {(name: string, fields: object, answer: (outcome: import('./platform.mjs').Outcome, value: any) => void,
 *   tell?: (event: string, value: any) => void) => { abort(): void }} call carries a call out, once page code has gone on
 * @property {Map<string, string>} texts what the storage holds
 * @property {(texts: Map<string, string>) => void} keep the storage changed
 * @property {(name: string, fields: object, outcome: import('./platform.mjs').Outcome, result: any) => void} note a call that was done at once
 * @property {(code: () => void) => void} run page code
 * @property {(error: Error) => void} report
 * @property {(run: () => void) => void} later runs it in a later turn
 * @property {(name: string, reason: any, usesCallbacks: boolean) => void} untaken a promise that a call returned was rejected, and nobody
 *   took it; whether the call was given callbacks too
 * @property {() => object} systemInfo
 * @property {string} appId
 * @property {any} [extConfig] what ext.json holds, where there is one
 * @property {() => object} launchOptions how the app was started
 * @property {(message: string) => void} hint what is surely not meant, or not there
 * @property {(event: string, ...values: any[]) => void} [hear] whoever has the phone tells listeners by it; made by `createMy`
 * @property {(page: any) => any} pageOf what the screen knows a page by, of what page code knows as a page
 * @property {(listener: Function) => void} onNeedPrivacyAuthorization
 * @property {Record<string, Function>} own calls that this front has besides
 *
 * @param {Front} front
 * @returns {Record<string, any>} functions, and a few values
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
    createSelectorQuery: () => selectorQuery(front),
    createIntersectionObserver: (options) => intersectionObserver(front, options),
    arrayBufferToBase64: (buffer) => base64(new Uint8Array(buffer)),
    base64ToArrayBuffer: (text) => bytesOf(String(text)).buffer,
    hideLoading: (options) => start(front, 'hideLoading', options, { fields: ({ page }) => ({ page: page && front.pageOf(page) }) }).returned,
    canIUse: (name) => atOnce(front, 'canIUse', { name }, () => canIUse(name, names, front.facts)),
    onNeedPrivacyAuthorization: front.onNeedPrivacyAuthorization,
    ...own,
  };
  /** The platform carries the others out as they are. */
  const plain = (name) => (options) => start(front, name, options).returned;
  const my = {};
  for (const name of names) {
    const [owner, member] = name.split('.');
    if (member === undefined) my[name] = all[name] ?? plain(name);
    else my[owner] = { ...my[owner], [member]: plain(name) };
  }
  return my;
}

/** Starts a call: callbacks, and a promise where this version of the platform returns one. */
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
  const task = front.call(name, sent, (outcome, value) => {
    const [settled, result] = settle(outcome, value);
    tell(front, { success, fail, complete }, settled, result);
    end(settled, result);
  }, hear);
  return { task, returned: promise };
}

/** What a call returns where this version of the platform returns a promise, and what settles it. */
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

/** Both request calls return a task with `abort()`, which is the promise too where there is one. */
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

/** What the task of a file's transfer tells, by what its listeners are called. */
const TRANSFER_EVENTS = { progress: 'ProgressUpdate', headers: 'HeadersReceived' };

/** An upload or a download returns a task, which is the promise too where there is one. */
function transferCall(front, name) {
  return (options) => {
    const { on, off, hear } = listeners(front, TRANSFER_EVENTS);
    const { task, returned } = start(front, name, options, { hear });
    return Object.assign(returned ?? {}, { abort: () => task.abort(), ...on, ...off });
  };
}

/**
 * Methods that take listeners, and take them back: one, or all.
 *
 * @param {Front} front
 * @param {Record<string, string>} names of events, as in `onName` and `offName`
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

/** A call that is done where page code is: it only leaves a note. */
export function atOnce({ note }, name, fields, work) {
  try {
    const result = work();
    note(name, fields, 'success', result);
    return result;
  } catch (error) {
    note(name, fields, 'fail', { error: error.error, errorMessage: error.message });
    throw error;
  }
}

function storageCalls(front) {
  const calls = {};
  for (const [name, action] of Object.entries(storageActions(front.texts, front.keep, front.facts))) {
    calls[name] = (options) => settleLater(front, name, options, () => {
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

/** Carries out, at once, a call whose callbacks run once page code has gone on. */
export function settleLater(front, name, options, work) {
  const given = typeof options === 'object' && options !== null ? options : {};
  let settled;
  try {
    settled = ['success', work()];
  } catch (error) {
    settled = ['fail', { error: error.error, errorMessage: error.message }];
  }
  const { promise, end } = promiseOf(front, name, given);
  void Promise.resolve().then(() => {
    tell(front, given, ...settled);
    end(...settled);
  });
  return promise;
}

/**
 * A call of the front's own that tells callbacks, with the promise that it returns here.
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

/** What page code gave, as the platform takes it. */
export function withoutCallbacks(options) {
  return JSON.parse(JSON.stringify({ ...options, success: undefined, fail: undefined, complete: undefined }));
}

/** Promises on which somebody called `then`, `await`ed them, or the like. */
const taken = new WeakSet();

/**
 * The promise that newer versions of the platform return beside the callbacks. It knows whether anybody took it: one that is
 * rejected and that nobody took would be an unhandled rejection.
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
   * Calls `found` with the reason if it is rejected and nobody has taken it by then.
   *
   * @param {(run: () => void) => void} later runs it in a later turn
   * @param {(reason: any) => void} found
   */
  whenUntaken(later, found) {
    super.then(undefined, (reason) => later(() => {
      if (!taken.has(this)) found(reason);
    }));
  }
}

/**
 * `my.canIUse`: `call`, `call.object|return|callback`, `call.object.option`, `call.object.option.value`, `call.return.field`,
 * also of a method of what it returns; and `tag`, `tag.attribute`, `tag.attribute.value`, for what exists here.
 *
 * @param {string} name
 * @param {string[]} names of the calls that exist
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
