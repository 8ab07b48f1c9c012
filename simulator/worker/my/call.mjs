import { send } from '../channel.mjs';
import { reportError, runPageCode } from '../report.mjs';

/**
 * Calls that the host carries out. Callbacks only, as on every version of the platform: no promise is returned.
 */
const waiting = new Map();
let nextId = 1;

/**
 * @param {string} name of the `my` call
 * @param {unknown} options what page code gave: `success`, `fail`, `complete` and the call's own fields
 * @typedef {'success' | 'fail'} Outcome
 * @param {{ fields?: (options: object) => object, settle?: (outcome: Outcome, value: any) => [Outcome, any] }} [steps]
 *   what is sent to the host, and what is made of its answer
 * @returns {number} the call's id, for `abort`
 */
export function callHost(name, options, { fields = withoutCallbacks, settle = (...answer) => answer } = {}) {
  const given = typeof options === 'object' && options !== null ? options : {};
  const { success, fail, complete } = given;
  const id = nextId;
  nextId += 1;
  waiting.set(id, { callbacks: { success, fail, complete }, settle });
  let sent;
  try {
    sent = fields(given);
  } catch (error) {
    sent = { invalid: String(error.message) };
  }
  send({ type: 'call', id, name, fields: sent });
  return id;
}

/** The host's answer, once per call. */
export function answerCall({ id, outcome, value }) {
  const call = waiting.get(id);
  if (!call) return;
  waiting.delete(id);
  const [settled, result] = call.settle(outcome, value);
  for (const callback of [call.callbacks[settled], call.callbacks.complete]) {
    if (typeof callback === 'function') runPageCode(() => callback(result));
    else if (callback !== undefined) reportError(new TypeError('success, fail and complete must be functions'));
  }
}

/**
 * A call that is done within the Worker: it only tells the host, for the timeline.
 * @template T
 * @param {string} name @param {unknown} given @param {() => T} work @returns {T}
 */
export function noteCall(name, given, work) {
  try {
    const result = work();
    send({ type: 'noted-call', name, fields: given, outcome: 'success', result });
    return result;
  } catch (error) {
    send({ type: 'noted-call', name, fields: given, outcome: 'fail', result: { errorMessage: error.message } });
    throw error;
  }
}

/** Settles a call that the Worker carries out itself; callbacks run later, as on the platform. */
export function settleLater(options, outcome, value) {
  const callbacks = typeof options === 'object' && options !== null ? options : {};
  Promise.resolve().then(() => {
    for (const callback of [callbacks[outcome], callbacks.complete]) {
      if (typeof callback === 'function') runPageCode(() => callback(value));
    }
  });
}

export function withoutCallbacks(options) {
  return JSON.parse(JSON.stringify({ ...options, success: undefined, fail: undefined, complete: undefined }));
}
