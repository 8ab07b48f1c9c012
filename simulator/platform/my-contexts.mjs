import { listeners, once, settleLater, start } from './my.mjs';
import { CallFault } from './call-fault.mjs';
import { offscreenCanvas } from './my-canvas.mjs';

/**
 * Builds the object that page code gets for a map, canvas, video, animation or sound: it has all documented methods, and none does anything. Each call
 * leaves a note and a hint; a call that expects an answer fails.
 *
 * @param {import('./my.mjs').Front} front
 * @param {string} creator the call that returns the object
 */
export function inertContext(front, creator) {
  const { returns, methods } = front.facts.call(creator);
  const inert =
    (name) =>
    (...given) => {
      front.note(`${returns}.${name}`, {}, 'success', {});
      front.hint(`${returns}.${name}: only a placeholder in the simulator, it does nothing`);
      const [options] = given;
      if (typeof options === 'object' && options !== null) void settleLater({ ...front, promises: false }, name, options, nothingThere);
      return undefined;
    };
  return (id) => {
    front.note(creator, { id }, 'success', {});
    return { id, ...Object.fromEntries(methods.map((name) => [name, inert(name)])) };
  };
}

/** Fails such a call; the number is assumed. */
function nothingThere() {
  throw new CallFault(1, 'the simulator does not implement this');
}

/** The results of canvas calls that page code depends on: an estimated text width, gradients that accept colours. */
function drawing() {
  const gradient = () => ({ addColorStop() {} });
  return {
    createLinearGradient: gradient,
    createCircularGradient: gradient,
    createRadialGradient: gradient,
    measureText: (text) => ({ width: String(text).length * 10 }),
  };
}

/** The app is always up to date here: the check for a new version finds none. */
function updateManager(front) {
  const { on, off } = listeners(front, { check: 'CheckForUpdate', ready: 'UpdateReady', failed: 'UpdateFailed' });
  return {
    ...on,
    ...off,
    onCheckForUpdate(listener) {
      on.onCheckForUpdate(listener);
      front.later(() => front.run(() => listener({ hasUpdate: false })));
    },
    applyUpdate: (options) =>
      settleLater(front, 'applyUpdate', options, () => {
        throw new CallFault(1, 'there is no new version');
      }),
  };
}

/** A camera: the person chooses a picture for each photo. */
function cameraContext(front) {
  const camera = inertContext(front, 'createCameraContext');
  const takePhoto = (options) => void start({ ...front, promises: false }, 'CameraContext.takePhoto', options);
  return (id) => ({ ...camera(id), takePhoto });
}

/** The only background player. On a phone it plays as soon as `src` is set. */
function backgroundAudio(front) {
  let src = '';
  const manager = { ...inertContext(front, 'getBackgroundAudioManager')(), paused: true, startTime: 0, playbackRate: 1 };
  return Object.defineProperty(manager, 'src', {
    enumerable: true,
    get: () => src,
    set(given) {
      src = given;
      front.hint('BackgroundAudioManager.src: the simulator plays no sounds');
    },
  });
}

/** The recorder's events, by the names of their listeners. */
const RECORDER_EVENTS = {
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  error: 'Error',
  frame: 'FrameRecorded',
  decibel: 'DecibelChange',
};

/** The only recorder. The host records, and reports to page code only by events. */
function recorderManager(front) {
  const { on, off, hear } = listeners(front, RECORDER_EVENTS);
  const silent = { ...front, promises: false };
  const failed = ({ error, errorMessage }) => hear('error', { error, errMsg: errorMessage, errorMessage });
  const act = (name) => (options) =>
    void start(silent, `RecorderManager.${name}`, options, {
      hear,
      settle(outcome, value) {
        if (outcome === 'fail') failed(value);
        return [outcome, value];
      },
    });
  return { ...Object.fromEntries(['start', 'pause', 'resume', 'stop'].map((name) => [name, act(name)])), ...on, ...off };
}

/** Records an animation. Its export format is the platform's own, so it is passed to the `animation` attribute as is (assumed). */
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
    createLottieContext: inertContext(front, 'createLottieContext'),
    createCameraContext: cameraContext(front),
    createOffscreenCanvas: offscreenCanvas(front),
    getBackgroundAudioManager: once(() => backgroundAudio(front)),
    createCanvasContext(id) {
      const context = canvas(id);
      const draw = (reserve, done = reserve) => {
        context.drawn();
        if (typeof done === 'function') front.later(() => front.run(done));
      };
      return Object.assign(context, drawing(), { drawn: context.draw, draw });
    },
    getRecorderManager: once(() => recorderManager(front)),
    getUpdateManager: () => updateManager(front),
    createAnimation: (options) => animation(front, options),
  };
}

/**
 * The calls that register listeners for phone events, as named in the facts. The host triggers them with `front.hear`.
 *
 * @param {import('./my.mjs').Front} front
 */
export function listenerCalls(front) {
  const events = front.names.filter((name) => front.facts.call(name).listener && name.startsWith('on')).map((name) => name.slice(2));
  const { on, off, hear } = listeners(front, Object.fromEntries(events.map((event) => [event, event])));
  front.hear = (event, ...values) => events.includes(event) && hear(event, ...values);
  return { ...on, ...off };
}
