import { requestFlavour, settleResponse } from './answers.mjs';
import { encodeRequest } from './body.mjs';
import { canIUse } from './can-i-use.mjs';
import { storageActions, storageFailure, storageFields } from './storage.mjs';

/** Calls that the platform carries out as they are. */
const PLAIN = [
  'getAuthCode', 'getAuthUserInfo', 'getOpenUserInfo', 'getSetting', 'openSetting', 'getPrivacySetting', 'openPrivacyContract',
  'alert', 'showToast',
];

/**
 * The front of the platform: the object `my`. Plain functions on a plain object, which page code may replace as it may there.
 *
 * @typedef {object} Front what it needs
 * @property {Record<string, any>} calls of platform/calls.json
 * @property {string[]} names the calls that exist
 * @property {boolean} promises whether calls return a promise beside their callbacks
 * @property {import('./profiles.mjs').Profiles} profiles
 * @property {(name: string, fields: object, answer: (outcome: import('./platform.mjs').Outcome, value: any) => void) => { abort(): void }} call
 *   carries a call out, once page code has gone on
 * @property {Map<string, string>} texts what the storage holds
 * @property {(texts: Map<string, string>) => void} keep the storage changed
 * @property {(name: string, fields: object, outcome: import('./platform.mjs').Outcome, result: any) => void} note a call that was done at once
 * @property {(code: () => void) => void} run page code
 * @property {(error: Error) => void} report
 * @property {(promise: Promise<any>, told: boolean) => void} returned a promise that page code gets, and whether it has `fail` besides
 * @property {(tag: string) => object | undefined} tagRules
 * @property {() => object} systemInfo
 * @property {(listener: Function) => void} onNeedPrivacyAuthorization
 * @property {Record<string, Function>} own calls that this front has besides
 *
 * @param {Front} front
 * @returns {Record<string, Function>}
 */
export function createMy(front) {
  const { names, calls, own } = front;
  const existing = Object.fromEntries(names.map((name) => [name, calls[name]]));
  const all = {
    ...Object.fromEntries(PLAIN.map((name) => [name, (options) => start(front, name, options).returned])),
    ...storageCalls(front),
    httpRequest: requestCall(front, 'httpRequest'),
    request: requestCall(front, 'request'),
    canIUse: (name) => atOnce(front, 'canIUse', { name }, () => canIUse(name, existing, front.tagRules)),
    getSystemInfoSync: () => atOnce(front, 'getSystemInfoSync', {}, front.systemInfo),
    onNeedPrivacyAuthorization: front.onNeedPrivacyAuthorization,
    ...own,
  };
  return Object.fromEntries(names.map((name) => [name, all[name] ?? notSimulated(name)]));
}

/**
 * The calls that this simulator has, of a generation of the platform.
 *
 * @param {Record<string, any>} calls
 * @param {'current' | 'legacy'} [generation] any, if none is named
 */
export function simulatedCalls(calls, generation) {
  return Object.keys(calls).filter(
    (name) => calls[name].simulated && (generation === undefined || calls[name].generations.includes(generation)),
  );
}

function notSimulated(name) {
  return () => {
    throw new Error(`my.${name} is listed as simulated, and is not here`);
  };
}

/** Starts a call: callbacks, and a promise where this version of the platform returns one. */
function start(front, name, options, { fields = withoutCallbacks, settle = (...answer) => answer } = {}) {
  const given = typeof options === 'object' && options !== null ? options : {};
  const { success, fail, complete } = given;
  let sent;
  try {
    sent = fields(given);
  } catch (error) {
    sent = { invalid: String(error.message) };
  }
  let end;
  const promise = new Promise((resolve, reject) => {
    end = { success: resolve, fail: reject };
  });
  const task = front.call(name, sent, (outcome, value) => {
    const [settled, result] = settle(outcome, value);
    tell(front, { success, fail, complete }, settled, result);
    if (front.promises) end[settled](result);
  });
  if (!front.promises) return { task, returned: undefined };
  front.returned(promise, typeof fail === 'function' || typeof complete === 'function');
  return { task, returned: promise };
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
    const dataType = options?.dataType ?? flavour.dataType;
    const { task, returned } = start(front, name, options, {
      fields: (given) => encodeRequest(given, flavour),
      settle: (outcome, value) => (outcome === 'success' ? settleResponse(value, dataType, flavour) : [outcome, value]),
    });
    return Object.assign(returned ?? {}, { abort: () => task.abort() });
  };
}

/** A call that is done where page code is: it only leaves a note. */
function atOnce({ note }, name, fields, work) {
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
  for (const [name, action] of Object.entries(storageActions(front.texts, front.keep))) {
    calls[name] = (options) => settleLater(front, options, () => {
      const fields = storageFields(options);
      return atOnce(front, name, fields, () => action(fields));
    });
    calls[`${name}Sync`] = (options) => {
      const fields = storageFields(options);
      try {
        return atOnce(front, `${name}Sync`, fields, () => action(fields));
      } catch (error) {
        // By the documents it returns what `fail` would get.
        if (front.profiles['storage-fail'] === 'return' && error.error) return storageFailure(error);
        throw error;
      }
    };
  }
  return calls;
}

/**
 * Carries out, at once, a call whose callbacks run once page code has gone on.
 *
 * @param {Pick<Front, 'promises' | 'run' | 'report' | 'returned'>} front
 * @param {any} options
 * @param {() => any} work what it throws has `error` and `message`
 * @returns {Promise<any> | undefined}
 */
export function settleLater(front, options, work) {
  const callbacks = typeof options === 'object' && options !== null ? options : {};
  let settled;
  try {
    settled = ['success', work()];
  } catch (error) {
    settled = ['fail', { error: error.error, errorMessage: error.message }];
  }
  const promise = Promise.resolve().then(() => {
    tell(front, callbacks, ...settled);
    if (settled[0] === 'fail' && front.promises) throw settled[1];
    return settled[1];
  });
  if (!front.promises) return undefined;
  front.returned(promise, typeof callbacks.fail === 'function' || typeof callbacks.complete === 'function');
  return promise;
}

/** What page code gave, as the platform takes it. */
export function withoutCallbacks(options) {
  return JSON.parse(JSON.stringify({ ...options, success: undefined, fail: undefined, complete: undefined }));
}
