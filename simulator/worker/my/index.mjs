import facts from '../../platform/facts.mjs';
import { Files } from '../../platform/files.mjs';
import { createMy as createFront, withPromise } from '../../platform/my.mjs';
import { intersectionObserver } from '../../platform/my-observer.mjs';
import { selectorQuery } from '../../platform/my-selector.mjs';
import { systemInfo } from '../../platform/system-info.mjs';
import { absent, lack } from '../absent.mjs';
import { send } from '../channel.mjs';
import { NO_PLUGINS } from '../plugins.mjs';
import { notice, onComponentError, reportError, runPageCode } from '../report.mjs';
import { sharing } from './share.mjs';
import { workerStarter } from './worker.mjs';

/** Saved before page code runs, which may replace it. */
const later = self.setTimeout.bind(self);
const { OffscreenCanvas } = self;

/**
 * Creates the mini-program's platform object. The host page carries out calls that leave page logic.
 *
 * @param {object} parts
 * @param {'current' | 'legacy'} parts.generation
 * @param {import('../../../platform/reader.mjs').Profile} parts.profiles
 * @param {import('../../platform/faults.mjs').Faults} parts.faults
 * @param {Record<string, string>} parts.storage JSON texts by key, from the last run
 * @param {Map<string, object>} parts.files the phone's files so far
 * @param {import('../navigation.mjs').Navigation} parts.navigation
 * @param {string[]} parts.workers the scripts listed in app.json
 * @param {string} parts.appId
 * @param {any} [parts.extConfig] the content of ext.json
 * @param {Record<string, string>} parts.packaged the package's files that page code may read, in base64
 * @param {() => object} parts.launchOptions
 * @param {() => any} parts.appInstance the options of `App()`
 * @param {boolean} parts.component2 whether mini.project.json enables the component2 lifecycle
 * @param {boolean} parts.strict whether unsupported calls are missing: code that uses them does not build
 */
export function createMy({
  generation,
  profiles,
  faults,
  storage,
  files,
  navigation,
  workers,
  appId,
  extConfig,
  packaged,
  launchOptions,
  appInstance,
  strict,
  component2,
}) {
  const front = {
    facts,
    names: facts.simulatedCalls(generation),
    promises: generation === 'current' && profiles.promise === 'yes',
    socketTasks: generation === 'current',
    profiles,
    call: callHost,
    texts: new Map(Object.entries(storage)),
    keep: (texts) => send({ type: 'storage', texts: Object.fromEntries(texts) }),
    files: new Files({ changed: (path, entry) => send({ type: 'file', path, entry }) }),
    note,
    run: runPageCode,
    report: reportError,
    later: (run) => later(run, 0),
    untaken,
    systemInfo: () => systemInfo(generation),
    OffscreenCanvas,
    appId,
    extConfig,
    packaged,
    launchOptions,
    hint: (message) => notice(message),
    pageOf: (instance) => navigation.pageOf(instance)?.id,
    onNeedPrivacyAuthorization,
    own: {
      showSharePanel: () => void front.share('code'),
      createWorker: workerStarter(workers, () => faults.strikes('personal-app', 'createWorker')),
    },
  };
  for (const [path, entry] of files) front.files.receive(path, entry);
  for (const [name, call] of Object.entries(navigationCalls(navigation))) front.own[name] = withPromise(front, name, call);
  front.share = sharing(front, navigation, appInstance);
  navigation.tools = (page) => ({
    createSelectorQuery: () => selectorQuery(front, page.id),
    createIntersectionObserver: (options) => intersectionObserver(front, options, page.id),
  });
  const lacking = strict ? {} : gaps();
  const my = createFront(front);
  const canIUse = (name) => (name === 'component2' ? component2 : my.canIUse(name));
  const all = { ...lacking, ...my, canIUse };
  /** Applies changes that the person made in the storage panel. */
  const replaceStorage = (texts) => {
    front.texts.clear();
    for (const [key, text] of Object.entries(texts)) front.texts.set(key, text);
  };
  const receiveFile = ({ path, entry }) => front.files.receive(path, entry);
  onComponentError((error, method, component) => front.hear('ComponentError', error, method, component));
  return { my: all, hear: front.hear, share: front.share, replaceStorage, receiveFile };
}

/** Why some of them are lacking. */
const REASONS = { loadPlugin: NO_PLUGINS };

/** Defines the calls that the platform has and this simulator lacks, so code that never makes them runs. Each call is an error. */
function gaps() {
  const lacking = facts.calls.beyond.names.map((name) => [name, (options) => lack(`my.${name}`, options, REASONS[name])]);
  const devices = facts.calls.beyond.devices.map((name) => [
    name,
    absent(`my.${name}`, "the platform's devices in shops have it, and no phone"),
  ]);
  return Object.fromEntries([...lacking, ...devices]);
}

/** Code that uses callbacks may not expect a promise: that is only a notice. */
function untaken(name, reason, usesCallbacks) {
  if (usesCallbacks) notice(`my.${name} was called with callbacks and failed, and its promise was not handled`, '');
  else reportError(Object.assign(new Error(`my.${name} failed, and its promise was not handled: ${reason?.errorMessage}`), { stack: '' }));
}

/** Pending calls by number, and listeners of calls that send events besides their answer. */
const waiting = new Map();
const hearing = new Map();
let nextId = 1;

/**
 * @param {string} name of the `my` call
 * @param {object} fields data for the host
 * @param {(outcome: 'success' | 'fail', value: any) => void} answer
 * @param {(event: string, value: any) => void} [hear]
 * @returns {{ abort(): void }}
 */
function callHost(name, fields, answer, hear) {
  const id = nextId;
  nextId += 1;
  waiting.set(id, answer);
  if (hear) hearing.set(id, hear);
  send({ type: 'call', id, name, fields });
  return { abort: () => send({ type: 'abort', id }) };
}

/** Passes on the host's answer, once per call. */
export function answerCall({ id, outcome, value }) {
  const answer = waiting.get(id);
  waiting.delete(id);
  answer?.(outcome, value);
}

/** Passes on an event of a call, before or after its answer. */
export function callSays({ id, event, value }) {
  hearing.get(id)?.(event, value);
}

/** Reports a call done within the Worker to the host, for the timeline. */
export function note(name, fields, outcome, result) {
  send({ type: 'noted-call', name, fields, outcome, result });
}

/**
 * Returns the navigation calls, for `my` and for a page's `router`.
 *
 * @param {import('../navigation.mjs').Navigation} navigation
 * @param {import('../page.mjs').OpenPage} [page] the router's page: a closed page cannot navigate
 * @param {string} [base] where relative addresses start: the page, or one of its components
 */
export function navigationCalls(navigation, page, base = page?.route) {
  return Object.fromEntries(navigation.facts.calls.map((name) => [name, (options) => navigate(navigation, name, options, { page, base })]));
}

/** Navigates after the caller has returned, as the platform does, so its handler can finish. */
function navigate(navigation, name, options, { page, base }) {
  const { stack } = new Error(name);
  const given = typeof options === 'object' && options !== null ? options : {};
  void Promise.resolve().then(async () => {
    if (page?.closed) return;
    let outcome = 'success';
    let answer;
    try {
      answer = navigation[name](given, { base, stack });
    } catch (error) {
      outcome = 'fail';
      answer = { error: error.error, errorMessage: error.message };
    }
    note(name, { url: given.url, delta: given.delta }, outcome, outcome === 'fail' ? answer : undefined);
    await null;
    for (const callback of [given[outcome], given.complete]) {
      if (typeof callback === 'function') runPageCode(() => callback(answer));
    }
  });
}

let listener = null;

/** `my.onNeedPrivacyAuthorization`: from now on the app shows its own privacy popup. */
function onNeedPrivacyAuthorization(listen) {
  if (typeof listen !== 'function') throw new TypeError('my.onNeedPrivacyAuthorization takes a function');
  if (!listener) send({ type: 'privacy-listening' });
  listener = listen;
}

/** A call waits for the person's decision: page code is told, and answers through `resolve`. */
export function needPrivacy({ number, call }) {
  const resolve = ({ event }) => send({ type: 'privacy-decision', number, event });
  runPageCode(() => listener(resolve, { referrer: call }));
}
