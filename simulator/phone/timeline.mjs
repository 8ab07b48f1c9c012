import { shallowReactive } from 'vue';

/** Older entries make room beyond this number. */
const MOST = 2000;

/**
 * What happened, oldest first. An entry may be completed later (a call that is answered); the list only grows.
 *
 * @typedef {'platform-call' | 'panel' | 'decision' | 'request' | 'gateway-call' | 'console' | 'notice' | 'error'} Kind
 * @typedef {{ id: number, at: number, kind: Kind, [field: string]: unknown }} Entry `at` in ms since the epoch
 */
export const entries = shallowReactive([]);
let nextId = 1;

/**
 * @param {Kind} kind
 * @param {object} fields
 * @returns {Entry} reactive: assigning to it changes what is shown
 */
export function record(kind, fields) {
  const entry = shallowReactive({ id: nextId, at: Date.now(), ...fields, kind });
  nextId += 1;
  entries.push(entry);
  if (entries.length > MOST) entries.splice(0, entries.length - MOST);
  return entry;
}

/** @param {unknown} error @param {string} origin where it came from, for the reader */
export function recordError(error, origin) {
  return record('error', { origin, message: error instanceof Error ? error.message : String(error) });
}
