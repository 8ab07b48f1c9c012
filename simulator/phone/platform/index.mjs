import facts from '../../platform/facts.mjs';
import { Platform, sandboxOf } from '../../platform/platform.mjs';
import { call } from '../api.mjs';
import { exchange, readBody, readText, record, recordError, recordRequest, recordSocket, redact } from '../timeline.mjs';
import { hasAgreed, keepAgreed, phoneFaults, state } from '../state.mjs';
import { screen } from '../screen.mjs';
import { connect } from '../socket.mjs';
import { tell } from '../worker-link.mjs';
import { ask, redraw, toast } from './panels.mjs';
import { picture } from './picture.mjs';

/** The platform on this phone: `simulator/platform` decides, this page shows the panels and sends the requests. */
const platform = new Platform({
  user: () => state.user,
  facts,
  get profiles() {
    return state.profiles;
  },
  faults: phoneFaults,
  sandbox: sandboxOf((path, init) => call(`control/${path}`, init)),
  ask,
  redraw,
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
  fileChanged(path, entry) {
    tell({ type: 'file', path, entry });
    state.files = filesOf();
  },
  show: (shows) => tell({ type: 'panel-closed', shows }),
  report: (error) => recordError(error, 'simulator'),
});

const running = new Map();

/**
 * Carries out a call of page logic and records it.
 *
 * @param {number} id
 * @param {string} name
 * @param {any} fields from page code
 * @param {object} to the way back to page code
 * @param {(outcome: 'success' | 'fail', value: unknown) => void} to.answer
 * @param {(event: string, value: unknown) => void} to.tell
 */
export function platformCall(id, name, fields, { answer, tell: say }) {
  const entry = record('platform-call', { name, fields: readable(fields), outcome: 'pending' });
  const started = performance.now();
  const task = platform.call(
    name,
    fields,
    (outcome, result) => {
      running.delete(id);
      Object.assign(entry, { outcome, result: readable(result), milliseconds: Math.round(performance.now() - started) });
      answer(outcome, result);
    },
    say,
  );
  if (entry.outcome === 'pending') running.set(id, task);
}

/** @param {number} id */
export function abortCall(id) {
  running.get(id)?.abort();
}

/** Ends the requests of the front page, which is being left. */
export function leavePage() {
  platform.leavePage();
}

/** Makes waiting calls ask in page code's own privacy popup. */
export function privacyListening() {
  platform.privacy.tellApp = (number, name) => tell({ type: 'need-privacy', number, call: name });
}

/** Passes on page code's decision for a waiting call. @param {{ number: number, event: string }} decision */
export function decidePrivacy({ number, event }) {
  platform.privacy.decide(number, event);
}

/**
 * Handles a press of a button with an `open-type`, after its tap event.
 *
 * @param {{ openType: string, scope?: string }} button
 * @param {(type: string, detail?: object) => void} fire receives each resulting event, in order
 */
export function press(button, fire) {
  return platform.press(button, fire);
}

/** The person goes back from the front page, which may ask first. */
export async function goBack() {
  if (await platform.leaves()) tell({ type: 'back' });
}

/** Pulls the front page down, as the person's action. */
export function pullDown() {
  platform.screen.pull(state.front.page, 'manual');
}

/** Returns a file of the phone, for pages that show it. @param {string} path */
export function fileOf(path) {
  return platform.files.find(path);
}

/** The phone's files and folders, by path. */
export function filesOf() {
  return new Map(platform.files.entries);
}

/** Applies a change that page logic made. @param {{ path: string, entry: object | null }} change */
export function receiveFile({ path, entry }) {
  platform.files.receive(path, entry);
  state.files = filesOf();
}

/** Makes a call's fields or answer readable. The `request` entry shows the body too, but only of requests that were sent. */
function readable(value) {
  const copy = redact({
    ...value,
    headers: Array.isArray(value?.headers) ? Object.fromEntries(value.headers) : value?.headers,
    body: undefined,
  });
  if (value?.body instanceof Uint8Array) {
    copy.body = 'status' in value ? `[${value.body.length} bytes]` : readBody(value.body);
  }
  if (typeof value?.data === 'string') copy.data = readText(value.data);
  return copy;
}

/**
 * Handles and records a press of a button with an `open-type`, after its tap event.
 *
 * @param {{ openType: string, scope?: string }} button from AXML
 * @param {(type: string, detail?: object) => void} fire receives each resulting event, in order
 * @returns {Promise<void>}
 */
export async function pressButton({ openType, scope }, fire) {
  const entry = record('platform-call', { name: `<button open-type="${openType}">`, fields: { scope }, outcome: 'pending' });
  await press({ openType, scope }, (type, detail) => {
    if (entry.outcome === 'pending') Object.assign(entry, { outcome: type === 'error' ? 'fail' : 'success', result: detail ?? {} });
    fire(type, detail);
  });
}
