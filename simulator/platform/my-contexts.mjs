import { listeners, settleLater } from './my.mjs';
import { CallFault } from './call-fault.mjs';

/**
 * What page code gets for a map, a canvas, a video or a sound: an object with all its documented methods, behind which nothing is. Each
 * leaves a note and a hint; whoever waits for an answer hears that there is none.
 *
 * @param {import('./my.mjs').Front} front
 * @param {string} creator the call that returns it
 */
function inertContext(front, creator) {
  const { returns, methods } = front.facts.call(creator);
  const inert = (name) => (...given) => {
    front.note(`${returns}.${name}`, {}, 'success', {});
    front.hint(`${returns}.${name}: the simulator has a placeholder in its place, and does nothing`);
    const [options] = given;
    if (typeof options === 'object' && options !== null) void settleLater({ ...front, promises: false }, name, options, nothingThere);
    return undefined;
  };
  return (id) => {
    front.note(creator, { id }, 'success', {});
    return { id, ...Object.fromEntries(methods.map((name) => [name, inert(name)])) };
  };
}

/** The number is assumed. */
function nothingThere() {
  throw new CallFault(1, 'there is nothing behind this in the simulator');
}

/** What drawing on a canvas answers, so that page code goes on: a text's width is guessed, a gradient takes colours. */
function drawing() {
  const gradient = () => ({ addColorStop() {} });
  return {
    createLinearGradient: gradient,
    createCircularGradient: gradient,
    createRadialGradient: gradient,
    measureText: (text) => ({ width: String(text).length * 10 }),
  };
}

/** The app here is always the newest: that is what its check for a new version comes to. */
function updateManager(front) {
  const { on, off } = listeners(front, { check: 'CheckForUpdate', ready: 'UpdateReady', failed: 'UpdateFailed' });
  return {
    ...on,
    ...off,
    onCheckForUpdate(listener) {
      on.onCheckForUpdate(listener);
      front.later(() => front.run(() => listener({ hasUpdate: false })));
    },
    applyUpdate: (options) => settleLater(front, 'applyUpdate', options, () => {
      throw new CallFault(1, 'there is no new version');
    }),
  };
}

/** How an animation is written down is no one's but the platform's: it goes into the attribute `animation` as it is (assumed). */
function animation(front, given = {}) {
  const usual = { duration: 400, timeFunction: 'linear', delay: 0, transformOrigin: '50% 50% 0', ...given };
  let steps = [];
  let step = [];
  const described = {
    step(config = {}) {
      steps.push({ config: { ...usual, ...config }, animation: step });
      step = [];
      return described;
    },
    export() {
      const exported = steps;
      steps = [];
      return exported;
    },
  };
  for (const name of front.facts.call('createAnimation').methods) {
    described[name] ??= (...values) => {
      step.push([name, values]);
      return described;
    };
  }
  return described;
}

/** @param {import('./my.mjs').Front} front */
export function contextCalls(front) {
  const canvas = inertContext(front, 'createCanvasContext');
  return {
    createMapContext: inertContext(front, 'createMapContext'),
    createWebViewContext: inertContext(front, 'createWebViewContext'),
    createVideoContext: inertContext(front, 'createVideoContext'),
    createInnerAudioContext: inertContext(front, 'createInnerAudioContext'),
    createCanvasContext(id) {
      const context = canvas(id);
      const draw = (reserve, done = reserve) => {
        context.drawn();
        if (typeof done === 'function') front.later(() => front.run(done));
      };
      return Object.assign(context, drawing(), { drawn: context.draw, draw });
    },
    getUpdateManager: () => updateManager(front),
    createAnimation: (options) => animation(front, options),
  };
}

/**
 * The calls that take listeners for what the phone does, by the names of the data. Whoever has the phone tells with `front.hear`.
 *
 * @param {import('./my.mjs').Front} front
 */
export function listenerCalls(front) {
  const events = front.names.filter((name) => front.facts.call(name).listener && name.startsWith('on')).map((name) => name.slice(2));
  const { on, off, hear } = listeners(front, Object.fromEntries(events.map((event) => [event, event])));
  front.hear = (event, ...values) => events.includes(event) && hear(event, ...values);
  return { ...on, ...off };
}
