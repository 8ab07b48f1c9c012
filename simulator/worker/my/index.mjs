import facts from '../../platform/facts.mjs';
import { createMy as createFront, withPromise } from '../../platform/my.mjs';
import { intersectionObserver } from '../../platform/my-observer.mjs';
import { selectorQuery } from '../../platform/my-selector.mjs';
import { systemInfo } from '../../platform/system-info.mjs';
import { absent, lack } from '../absent.mjs';
import { send } from '../channel.mjs';
import { notice, reportError, runPageCode } from '../report.mjs';
import { sharing } from './share.mjs';
import { workerStarter } from './worker.mjs';

/** Taken before page code runs, which may put its own in their place. */
const later = self.setTimeout.bind(self);

/**
 * The platform object of the mini-program. The calls that leave page logic are carried out by the host page.
 *
 * @param {object} parts
 * @param {'current' | 'legacy'} parts.generation
 * @param {import('../../../platform/reader.mjs').Profile} parts.profiles
 * @param {import('../../platform/faults.mjs').Faults} parts.faults
 * @param {Record<string, string>} parts.storage JSON texts by key, from an earlier run
 * @param {import('../navigation.mjs').Navigation} parts.navigation
 * @param {string[]} parts.workers the scripts that app.json lists
 * @param {string} parts.appId
 * @param {any} [parts.extConfig] what ext.json holds
 * @param {() => object} parts.launchOptions how the app was started
 * @param {() => any} parts.appInstance what was given to `App()`
 * @param {boolean} parts.component2 whether components have the life that mini.project.json asks for by that name
 * @param {boolean} parts.strict whether what this simulator lacks is absent: such code does not build
 */
export function createMy({ generation, profiles, faults, storage, navigation, workers, appId, extConfig, launchOptions, appInstance, strict, component2 }) {
  const front = {
    facts,
    names: facts.simulatedCalls(generation),
    promises: generation === 'current' && profiles.promise === 'yes',
    socketTasks: generation === 'current',
    profiles,
    call: callHost,
    texts: new Map(Object.entries(storage)),
    keep: (texts) => send({ type: 'storage', texts: Object.fromEntries(texts) }),
    note,
    run: runPageCode,
    report: reportError,
    later: (run) => later(run, 0),
    untaken,
    systemInfo: () => systemInfo(generation),
    appId,
    extConfig,
    launchOptions,
    hint: (message) => notice(message),
    pageOf: (instance) => navigation.pageOf(instance)?.id,
    onNeedPrivacyAuthorization,
    own: { showSharePanel: () => void front.share('code'), createWorker: workerStarter(workers, () => faults.strikes('personal-app', 'createWorker')) },
  };
  for (const [name, call] of Object.entries(navigationCalls(navigation))) front.own[name] = withPromise(front, name, call);
  front.share = sharing(front, navigation, appInstance);
  navigation.tools = (page) => ({
    createSelectorQuery: () => selectorQuery(front, page.id),
    createIntersectionObserver: (options) => intersectionObserver(front, options, page.id),
  });
  const lacking = strict ? {} : gaps();
  const my = createFront(front);
  const canIUse = (name) => (name === 'component2' ? component2 : my.canIUse(name));
  const all = { ...lacking, ...my, canIUse, ap: { ...lacking.ap, ...my.ap } };
  /** What the person changed in the storage, from outside of the mini-program. */
  const replaceStorage = (texts) => {
    front.texts.clear();
    for (const [key, text] of Object.entries(texts)) front.texts.set(key, text);
  };
  return { my: all, hear: front.hear, share: front.share, replaceStorage };
}

/** The calls that the platform has and this simulator lacks. Code that never makes them runs, and each that is made is an error. */
function gaps() {
  const lacking = facts.calls.beyond.names.map((name) => [name, (options) => lack(`my.${name}`, options)]);
  const [nested, flat] = [true, false].map((wanted) => lacking.filter(([name]) => name.startsWith('ap.') === wanted));
  const devices = facts.calls.beyond.devices.map((name) => [name, absent(`my.${name}`, 'the platform\'s devices in shops have it, and no phone')]);
  return { ...Object.fromEntries([...flat, ...devices]), ap: Object.fromEntries(nested.map(([name, call]) => [name.slice('ap.'.length), call])) };
}

/** What is called with callbacks need not know of promises: then it is worth a notice, and no more. */
function untaken(name, reason, usesCallbacks) {
  if (usesCallbacks) notice(`my.${name} was called with callbacks and failed, and nobody took the promise that it returned`, '');
  else reportError(Object.assign(new Error(`my.${name} failed, and nobody took the promise that it returned: ${reason?.errorMessage}`), { stack: '' }));
}

/** Calls that the host carries out, by number; and what hears of those that say more than their answer. */
const waiting = new Map();
const hearing = new Map();
let nextId = 1;

/**
 * @param {string} name of the `my` call
 * @param {object} fields what the host needs
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

/** The host's answer, once per call. */
export function answerCall({ id, outcome, value }) {
  const answer = waiting.get(id);
  waiting.delete(id);
  answer?.(outcome, value);
}

/** What the host says of a call beside its answer, before it or after. */
export function callSays({ id, event, value }) {
  hearing.get(id)?.(event, value);
}

/** A call that is done within the Worker: it only tells the host, for the timeline. */
export function note(name, fields, outcome, result) {
  send({ type: 'noted-call', name, fields, outcome, result });
}

/**
 * The calls that move between pages, of `my` and of a page's `router`.
 *
 * @param {import('../navigation.mjs').Navigation} navigation
 * @param {import('../page.mjs').OpenPage} [page] whose router it is: a closed page goes nowhere
 * @param {string} [base] where relative addresses start: the page, or a component on it
 */
export function navigationCalls(navigation, page, base = page?.route) {
  return Object.fromEntries(navigation.facts.calls.map((name) => [name, (options) => navigate(navigation, name, options, { page, base })]));
}

/** Navigation happens after the caller has finished, as on the platform: its own handler is not torn away under it. */
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

/** `my.onNeedPrivacyAuthorization`: the app shows its own privacy popup from now on. */
function onNeedPrivacyAuthorization(listen) {
  if (typeof listen !== 'function') throw new TypeError('my.onNeedPrivacyAuthorization takes a function');
  if (!listener) send({ type: 'privacy-listening' });
  listener = listen;
}

/** A call waits for the person: page code is told, and answers through `resolve`. */
export function needPrivacy({ number, call }) {
  const resolve = ({ event }) => send({ type: 'privacy-decision', number, event });
  runPageCode(() => listener(resolve, { referrer: call }));
}
