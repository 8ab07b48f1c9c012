import { readBody, redact } from '../redact.mjs';
import { record } from '../timeline.mjs';
import { getAuthCode, getAuthUserInfo, getOpenUserInfo } from './auth.mjs';
import { CallFault } from './call-fault.mjs';
import { alert, showToast } from './interface.mjs';
import { sendRequest } from './network.mjs';

/** What the platform does for each `my` call that leaves the Worker. */
const CALLS = {
  getAuthCode,
  getAuthUserInfo,
  getOpenUserInfo,
  alert,
  showToast,
  httpRequest: (fields, signal) => sendRequest('httpRequest', fields, signal),
  request: (fields, signal) => sendRequest('request', fields, signal),
};

const running = new Map();

/**
 * Carries out one call and records it.
 * @param {number} id
 * @param {string} name
 * @param {any} fields what page code gave
 * @param {(outcome: 'success' | 'fail', value: unknown) => void} answer
 */
export async function platformCall(id, name, fields, answer) {
  const entry = record('platform-call', { name, fields: readable(fields), outcome: 'pending' });
  const started = performance.now();
  const abort = new AbortController();
  running.set(id, abort);
  const settle = (outcome, result) => {
    Object.assign(entry, { outcome, result: readable(result), milliseconds: Math.round(performance.now() - started) });
    answer(outcome, result);
  };
  try {
    if (fields.invalid) throw new CallFault(2, fields.invalid);
    settle('success', await CALLS[name](fields, abort.signal));
  } catch (error) {
    // Whatever else goes wrong here is between this page and the sandbox: to the mini-program it looks like no network.
    settle('fail', { error: error.error ?? 12, errorMessage: error.message });
  } finally {
    running.delete(id);
  }
}

/** @param {number} id */
export function abortCall(id) {
  running.get(id)?.abort();
}

/** A body's content stands in its `request` entry; what was stopped before that has only this. */
function readable(value) {
  const copy = redact({ ...value, body: undefined });
  if (value?.body instanceof Uint8Array)
    {copy.body = 'status' in value ? `[${value.body.length} bytes]` : readBody(value.body);}
  return copy;
}
