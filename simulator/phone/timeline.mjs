import { shallowReactive } from 'vue';
import { callInLines } from './api.mjs';

/**
 * Copies values for the timeline. It appears in screenshots and transcripts, so sessions and tokens are truncated, and bodies are limited.
 */
const SECRET_NAMES = ['authorization', 'session', 'access_token', 'refresh_token'];
const VISIBLE = 11;
const LONGEST_BODY = 20_000;

/** The format in which miniauth stores a session. */
const STORED_SESSION = /^1 [\w-]{43} \d+ \d+$/;

/** @param {unknown} value plain data */
export function redact(value) {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecret(name, inner) ? `${inner.slice(0, VISIBLE)}…` : redact(inner)]),
  );
}

/** Reads a body for display. @param {Uint8Array | null} bytes @returns the JSON value, else the text, else its size */
export function readBody(bytes) {
  if (!bytes) return null;
  try {
    // Truncating within a character still leaves text.
    return readText(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, LONGEST_BODY), { stream: true }));
  } catch {
    return `[${bytes.length} bytes]`;
  }
}

/** Reads a text for display. @param {string} text @returns the JSON value, else the text */
export function readText(text) {
  try {
    return redact(JSON.parse(text));
  } catch {
    return text;
  }
}

function isSecret(name, value) {
  return typeof value === 'string' && (SECRET_NAMES.includes(name.toLowerCase()) || STORED_SESSION.test(value));
}

/**
 * Sends a request through the simulator's server, which knows the local servers of the app's origins. It answers in JSON lines: progress if
 * requested, and the outcome last.
 *
 * @param {import('../server/forward.mjs').Outgoing} outgoing
 * @param {AbortSignal} signal
 * @param {import('../platform/network.mjs').Progress} [progress]
 */
export async function exchange({ url, method, headers, body, cookie }, signal, progress) {
  const sent = { url, method, headers, cookie, body: body && toBase64(body), progress: progress !== undefined };
  let answer;
  for await (const line of callInLines('request', sent, signal)) {
    if (line.progress) progress[line.progress](...line.of);
    else answer = line;
  }
  return 'failed' in answer
    ? { failed: true, message: answer.failed, mappedTo: answer.mappedTo }
    : { ...answer, body: fromBase64(answer.body) };
}

/** Records a request that leaves the phone, once it has ended. */
export function recordRequest(api, { method, url, headers, body, readable: shown }) {
  const started = { at: Date.now(), clock: performance.now() };
  return ({ status, headers: received, body: bytes, ...end }) => {
    const { outcome, mappedTo, error, errorMessage } = end;
    const answer = outcome === 'answered' ? { status, received: { headers: received, body: readBody(bytes) } } : { error, errorMessage };
    record('request', {
      at: started.at,
      api,
      method,
      url,
      sent: { headers: redact(readable(headers)), body: shown ? redact(shown) : readBody(body) },
      milliseconds: Math.round(performance.now() - started.clock),
      outcome,
      mappedTo,
      ...answer,
    });
  };
}

/** Records a WebSocket's events and messages, one entry each. */
export function recordSocket(url) {
  return (event, { data, ...fields } = {}) => {
    const text = data instanceof Uint8Array ? `[${data.length} bytes]` : readText(data);
    record('socket', { url, event, ...fields, ...(data !== undefined && { data: text }) });
  };
}

/** Merges headers for display. */
function readable(headers) {
  return Object.fromEntries(headers);
}

export function toBase64(bytes) {
  let binary = '';
  for (let index = 0; index < bytes.length; index += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(index, index + 0x8000));
  }
  return btoa(binary);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The oldest entries beyond this number are dropped. */
const MOST = 2000;

/**
 * The recorded entries, oldest first. An entry may be completed later (when a call is answered).
 *
 * @typedef {'platform-call' | 'panel' | 'decision' | 'request' | 'socket' | 'gateway-call' | 'revocation' | 'message' | 'rebuild' | 'console' | 'notice' | 'error'} Kind
 * @typedef {{ id: number, at: number, kind: Kind, [field: string]: unknown }} Entry `at` in ms since the epoch
 */
export const entries = shallowReactive([]);
let nextId = 1;

/**
 * Adds an entry.
 *
 * @param {Kind} kind
 * @param {object} fields
 * @returns {Entry} reactive: assigning to it updates the display
 */
export function record(kind, fields) {
  const entry = shallowReactive({ id: nextId, at: Date.now(), ...fields, kind });
  nextId += 1;
  entries.push(entry);
  if (entries.length > MOST) entries.splice(0, entries.length - MOST);
  return entry;
}

/** Records an error. @param {unknown} error @param {string} origin its source, for the reader */
export function recordError(error, origin) {
  return record('error', { origin, message: error instanceof Error ? error.message : String(error) });
}
