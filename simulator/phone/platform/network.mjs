import { call } from '../api.mjs';
import { readBody, redact } from '../redact.mjs';
import { record } from '../timeline.mjs';
import { CallFault } from './call-fault.mjs';

/**
 * `my.httpRequest` and `my.request`: handed to the simulator's server, which knows the whitelist and where the app's
 * origins are mapped to. What the whitelist stops never becomes a request; all else is recorded as one.
 *
 * @param {'httpRequest' | 'request'} name
 * @param {ReturnType<import('../../worker/my/body.mjs').encodeRequest>} outgoing
 * @param {AbortSignal} signal
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: Uint8Array }>}
 */
export async function sendRequest(name, { url, method, headers, body, timeout }, signal) {
  const started = { at: Date.now(), clock: performance.now() };
  const note = (fields) =>
    record('request', {
      at: started.at,
      api: name,
      method,
      url,
      sent: { headers: redact(headers), body: readBody(body) },
      milliseconds: Math.round(performance.now() - started.clock),
      ...fields,
    });
  let answer;
  try {
    answer = await call('request', {
      method: 'POST',
      signal,
      body: { name, url, method, headers, timeout, body: body && toBase64(body) },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    note({ outcome: 'aborted' });
    throw new CallFault(9, 'aborted');
  }
  if ('error' in answer) {
    if (answer.mappedTo)
      {note({ outcome: 'fail', mappedTo: answer.mappedTo, error: answer.error, errorMessage: answer.errorMessage });}
    throw new CallFault(answer.error, answer.errorMessage);
  }
  const bytes = fromBase64(answer.body);
  note({
    outcome: 'answered',
    mappedTo: answer.mappedTo,
    status: answer.status,
    received: { headers: answer.headers, body: readBody(bytes) },
  });
  return { status: answer.status, headers: answer.headers, body: bytes };
}

function toBase64(bytes) {
  let binary = '';
  for (let index = 0; index < bytes.length; index += 0x8000)
    {binary += String.fromCharCode(...bytes.subarray(index, index + 0x8000));}
  return btoa(binary);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
