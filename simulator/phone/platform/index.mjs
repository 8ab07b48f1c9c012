import facts from '../../platform/facts.mjs';
import { Platform, sandboxOf } from '../../platform/platform.mjs';
import { call } from '../api.mjs';
import { exchange, readBody, readText, record, recordError, recordRequest, recordSocket, redact } from '../timeline.mjs';
import { hasAgreed, keepAgreed, phoneFaults, state } from '../state.mjs';
import { screen } from '../screen.mjs';
import { connect } from '../socket.mjs';
import { tell } from '../worker-link.mjs';
import { ask, toast } from './panels.mjs';
import { picture } from './picture.mjs';

/** The platform on this phone: its decisions are `simulator/platform`'s, its panels and bytes this page's. */
const platform = new Platform({
  user: () => state.user,
  facts,
  get profiles() {
    return state.profiles;
  },
  faults: phoneFaults,
  sandbox: sandboxOf((path, init) => call(`control/${path}`, init)),
  ask,
  toast,
  screen,
  picture,
  exchange,
  connect,
  whitelist: () => state.project.whitelist,
  privacyCheck: () => state.project.manifest.usePrivacyCheck === true,
  permission: () => state.project.manifest.permission,
  agreed: { read: hasAgreed, write: keepAgreed },
  clock: {
    now: () => Date.now(),
    setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
    clearTimeout: (timer) => clearTimeout(timer),
  },
  record: { request: recordRequest, socket: recordSocket },
  show: (shows) => tell({ type: 'panel-closed', shows }),
  report: (error) => recordError(error, 'simulator'),
});

const running = new Map();

/**
 * Carries out one call of page logic and records it.
 *
 * @param {number} id
 * @param {string} name
 * @param {any} fields what page code gave
 * @param {object} to page code
 * @param {(outcome: 'success' | 'fail', value: unknown) => void} to.answer
 * @param {(event: string, value: unknown) => void} to.tell
 */
export function platformCall(id, name, fields, { answer, tell: say }) {
  const entry = record('platform-call', { name, fields: readable(fields), outcome: 'pending' });
  const started = performance.now();
  const task = platform.call(name, fields, (outcome, result) => {
    running.delete(id);
    Object.assign(entry, { outcome, result: readable(result), milliseconds: Math.round(performance.now() - started) });
    answer(outcome, result);
  }, say);
  if (entry.outcome === 'pending') running.set(id, task);
}

/** @param {number} id */
export function abortCall(id) {
  running.get(id)?.abort();
}

/** The page in front is left: its requests end there. */
export function leavePage() {
  platform.leavePage();
}

/** Page code shows its own privacy popup from now on. */
export function privacyListening() {
  platform.privacy.tellApp = (number, name) => tell({ type: 'need-privacy', number, call: name });
}

/** @param {{ number: number, event: string }} decision of page code, for a call that waits */
export function decidePrivacy({ number, event }) {
  platform.privacy.decide(number, event);
}

/**
 * What the platform does at a press of a button with an `open-type`, after its tap event.
 *
 * @param {{ openType: string, scope?: string }} button
 * @param {(type: string, detail?: object) => void} fire each event that results, in order
 */
export function press(button, fire) {
  return platform.press(button, fire);
}

/** The person pulls the page in front down. */
export function pullDown() {
  platform.screen.pull(state.front.page, 'manual');
}

/** The content of a file of the phone's, for pages that show it. @param {string} path */
export function fileOf(path) {
  return platform.files.find(path);
}

/** A body's content stands in its `request` entry; what was stopped before that has only this. */
function readable(value) {
  const copy = redact({ ...value, headers: Array.isArray(value?.headers) ? Object.fromEntries(value.headers) : value?.headers, body: undefined });
  if (value?.body instanceof Uint8Array)
    {copy.body = 'status' in value ? `[${value.body.length} bytes]` : readBody(value.body);}
  if (typeof value?.data === 'string') copy.data = readText(value.data);
  return copy;
}

/**
 * A press of a button with an `open-type`, after its tap event has been fired.
 *
 * @param {{ openType: string, scope?: string }} button as AXML has it
 * @param {(type: string, detail?: object) => void} fire each event that results, in order
 * @returns {Promise<void>}
 */
export async function pressButton({ openType, scope }, fire) {
  const entry = record('platform-call', { name: `<button open-type="${openType}">`, fields: { scope }, outcome: 'pending' });
  await press({ openType, scope }, (type, detail) => {
    if (entry.outcome === 'pending') Object.assign(entry, { outcome: type === 'error' ? 'fail' : 'success', result: detail ?? {} });
    fire(type, detail);
  });
}
