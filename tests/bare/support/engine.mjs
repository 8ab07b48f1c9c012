import vm from 'node:vm';

/** What each engine lacks of ECMAScript's own built-ins, as measured on the real ones. */
const MISSING = {
  'IDE simulator': ['globalThis', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'FinalizationRegistry', 'WeakRef'],
  iOS: [],
};

export const PROFILES = Object.keys(MISSING);

/**
 * A bare engine: ECMAScript's built-ins, timers and console, and nothing of the web or of Node. Text cannot be run as
 * code.
 *
 * @param {string} profile
 */
export function bareEngine(profile) {
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: true } });
  vm.runInContext(MISSING[profile].map((name) => `delete this.${name};`).join('\n'), context);
  const instantiations = [];
  const { WebAssembly } = vm.runInContext('({ WebAssembly })', context);
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (...passed) => {
    instantiations.push(passed[0].byteLength);
    return instantiate.apply(WebAssembly, passed);
  };
  return {
    instantiations,
    /** Runs a CommonJS module and returns what it exports. */
    require(source) {
      const module = { exports: {} };
      const wrapped = vm.runInContext(
        `(function (module, exports, require, console, setTimeout, clearTimeout) { ${source}\n})`,
        context,
        { filename: 'miniauth/dist/index.js' },
      );
      const refuse = (name) => { throw new Error(`the package requires ${name}`); };
      wrapped(module, module.exports, refuse, console, setTimeout, clearTimeout);
      return module.exports;
    },
    /** Runs page code. */
    run: (code) => vm.runInContext(code, context),
  };
}
