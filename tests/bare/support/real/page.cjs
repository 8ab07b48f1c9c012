/* global WebAssembly */

/**
 * Page code's side of a separate engine: modules, timers and the time come from outside. Runs in that engine.
 *
 * @param {(message: string) => string} ask calls the outside, and waits
 * @param {Record<string, Function>} files the modules' code, by path
 */
exports.createPage = (ask, files, createLink) => {
  const link = createLink(ask);
  const [now, startTimer, stopTimer, report] = [0, 1, 2, 3].map(link.remote);

  const NativeDate = Date;
  // eslint-disable-next-line no-global-assign
  Date = class extends NativeDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given));
    }

    static now() {
      return now();
    }
  };

  let compiling = 0;
  let compiled = 0;
  if (typeof WebAssembly === 'object') {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = (...given) => {
      const result = instantiate.apply(WebAssembly, given);
      const end = () => void (compiling -= 1);
      compiling += 1;
      compiled += 1;
      result.then(end, end);
      return result;
    };
  }

  const console = { log() {}, warn() {}, error() {} };
  const loaded = new Map();
  function load(file) {
    if (!loaded.has(file)) {
      const module = { exports: {} };
      loaded.set(file, module);
      const require = (name) => load(file.replace(/[^/]*$/, '') + name.replace(/^\.\//, ''));
      files[file](module, module.exports, require, console, startTimer, stopTimer);
    }
    return loaded.get(file).exports;
  }

  /** Runs the package and one behaviour, which finally calls `end` with the fault, if any, and facts about this engine. */
  function run({ entry, name, phase, names, end, hears, given }) {
    const { createAuth } = load(entry);
    const shown = [];
    hears((shows) => void shown.push(...shows));
    const app = load('behaviours/harness.js').harness(Object.assign({ createAuth, shown }, given));
    const behaviour = load('behaviours/index.js').behaviours.find((one) => one.name === name);
    const known = names.filter((global) => global in globalThis);
    behaviour[phase](app).then(
      () => end(undefined, { known, compiled }),
      (error) => end(`${error}\n${error && error.stack}`),
    );
  }

  link.offer(run);

  return {
    isCompiling: () => compiling > 0,
    /** Reports errors of page code, because they do not reach the platform. */
    receive(message) {
      try {
        link.receive(message);
      } catch (error) {
        report(`${error}`);
      }
    },
  };
};
