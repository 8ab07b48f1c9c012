import { send } from '../channel.mjs';
import { runPageCode } from '../report.mjs';

/** Calls that the host carries out, by number. */
const waiting = new Map();
let nextId = 1;

/**
 * @param {string} name of the `my` call
 * @param {object} fields what the host needs
 * @param {(outcome: 'success' | 'fail', value: any) => void} answer
 * @returns {{ abort(): void }}
 */
export function callHost(name, fields, answer) {
  const id = nextId;
  nextId += 1;
  waiting.set(id, answer);
  send({ type: 'call', id, name, fields });
  return { abort: () => send({ type: 'abort', id }) };
}

/** The host's answer, once per call. */
export function answerCall({ id, outcome, value }) {
  const answer = waiting.get(id);
  waiting.delete(id);
  answer?.(outcome, value);
}

/** A call that is done within the Worker: it only tells the host, for the timeline. */
export function note(name, fields, outcome, result) {
  send({ type: 'noted-call', name, fields, outcome, result });
}

/**
 * Does a call within the Worker, and notes it.
 * @template T
 * @param {string} name @param {unknown} given @param {() => T} work @returns {T}
 */
export function noteCall(name, given, work) {
  try {
    const result = work();
    note(name, given, 'success', result);
    return result;
  } catch (error) {
    note(name, given, 'fail', { error: error.error, errorMessage: error.message });
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
