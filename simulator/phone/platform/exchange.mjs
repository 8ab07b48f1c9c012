import { call } from '../api.mjs';
import { readBody, redact } from '../redact.mjs';
import { record } from '../timeline.mjs';

/**
 * Hands a request to the simulator's server, which knows where the app's origins are mapped to.
 *
 * @param {import('../../server/outgoing.mjs').Outgoing} outgoing
 * @param {AbortSignal} signal
 */
export async function exchange({ url, method, headers, body, cookie }, signal) {
  const answer = await call('request', {
    method: 'POST',
    signal,
    body: { url, method, headers, cookie, body: body && toBase64(body) },
  });
  return 'failed' in answer ? { failed: true, message: answer.failed, mappedTo: answer.mappedTo } : { ...answer, body: fromBase64(answer.body) };
}

/** Notes a request that leaves the phone, with how it ended. */
export function recordRequest(api, { method, url, headers, body }) {
  const started = { at: Date.now(), clock: performance.now() };
  return ({ status, headers: received, body: bytes, ...end }) => {
    const { outcome, mappedTo, error, errorMessage } = end;
    const answer = outcome === 'answered' ? { status, received: { headers: received, body: readBody(bytes) } } : { error, errorMessage };
    record('request', {
      at: started.at,
      api,
      method,
      url,
      sent: { headers: redact(readable(headers)), body: readBody(body) },
      milliseconds: Math.round(performance.now() - started.clock),
      outcome,
      mappedTo,
      ...answer,
    });
  };
}

/** A header that was given in two spellings stands there twice. */
function readable(headers) {
  return Object.fromEntries(headers);
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
