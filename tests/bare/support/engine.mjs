import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { RealClock } from './clock.mjs';
import { setDate } from './date.mjs';
import { WorkerThread } from './worker-thread.mjs';

/** ECMAScript's own built-ins that the IDE's simulator and every engine of page logic lack, as measured. */
const SIMULATOR_LACKS = ['globalThis', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'FinalizationRegistry', 'WeakRef'];

/**
 * One engine, Node's own V8, with the globals of four places: what each lacks, and the package's file that an app requires there.
 * Other engines are in real/engines.mjs.
 */
const TRAITS = {
  'IDE simulator': { lacks: SIMULATOR_LACKS, entry: 'main', strict: true },
  iOS: { lacks: [], entry: 'main' },
  'no WebAssembly': { lacks: ['WebAssembly', ...SIMULATOR_LACKS], entry: 'main' },
  Worker: { lacks: ['WebAssembly'], entry: 'worker.js', hasWorker: true },
};

export const ENGINES = Object.keys(TRAITS);

/** Where the module runs in each. */
export const HOSTS = { 'IDE simulator': 'wasm', iOS: 'wasm', 'no WebAssembly': 'plain', Worker: 'worker' };

/** The engines where the module runs in page logic, so that the guard can check a platform call that answers synchronously. */
export const PAGE_ENGINES = ENGINES.filter((engine) => !TRAITS[engine].hasWorker);

/**
 * Registers a test for each of the four sets of globals.
 *
 * @param {string} name
 * @param {(engine: string) => Promise<void>} run
 */
export function everywhere(name, run) {
  for (const engine of ENGINES) test(`V8 (${engine}): ${name}`, () => run(engine));
}

/**
 * V8 with one of the sets of globals: ECMAScript's built-ins, timers and console, and nothing of the web or of Node. Code cannot
 * be created from text.
 *
 * @param {string} engine
 * @param {string} folder the installed package
 * @param {RealClock | import('./clock.mjs').DrivenClock} [clock] for its timers and its `Date`
 */
export function bareEngine(engine, folder, clock = new RealClock()) {
  const { lacks, entry, hasWorker, strict } = TRAITS[engine];
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: true } });
  vm.runInContext(lacks.map((name) => `delete this.${name};`).join('\n'), context);
  setDate(context, clock);
  const thread = hasWorker ? new WorkerThread(folder, clock) : undefined;
  const watched = watchInstantiations(context, clock);
  const loaded = new Map();
  const { main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  /** Modules that page code requires by the package's name; the package itself requires none. */
  const installed = (file, name) => {
    const [, inner] = /^miniauth(?:\/(\w+))?$/.exec(name) ?? [];
    if (file.startsWith(folder + path.sep) || !name.startsWith('miniauth')) throw new Error(`${file} requires ${name}`);
    return path.join(folder, inner ? `${inner}.js` : main);
  };
  const load = (file) => {
    if (loaded.has(file)) return loaded.get(file).exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const wrapped = scriptOf(file, strict).runInContext(context);
    const require = (name, loadedLater, failed) => {
      const required = () => load(name.startsWith('.') ? beside(file, name) : installed(file, name));
      // With callbacks: a file in a sub-package, which may have to be downloaded first.
      return loadedLater ? void Promise.resolve().then(required).then(loadedLater, failed) : required();
    };
    const startTimer = (handler, millis) => clock.setTimeout(handler, millis);
    const stopTimer = (timer) => clock.clearTimeout(timer);
    wrapped(module, module.exports, require, console, startTimer, stopTimer);
    return module.exports;
  };
  return {
    /** The sizes of the compiled modules, one per compilation. */
    instantiations: thread ? thread.instantiations : watched.sizes,
    /** The module's memory, if it runs as WebAssembly in page logic. */
    get memory() {
      return watched.memory;
    },
    /** Whether the module can be compiled there. */
    compiles: hasWorker || !lacks.includes('WebAssembly'),
    /** The package's running timers. */
    timers: clock.timers,
    /** The options of `createAuth` that only this engine needs. */
    options: thread ? { worker: thread.port } : {},
    /** Loads a file of the package, by default the one that an app requires in this engine. */
    require: (file = entry === 'main' ? main : entry) => load(path.join(folder, file)),
    /** Loads a file of page code. */
    load,
    /** Runs page code. */
    run: (code) => vm.runInContext(code, context),
    /** Runs code in the place where the module runs, after its start. */
    runBesideModule: (code) => vm.runInContext(code, thread ? thread.context : context),
  };
}

/** Finds a file by its name from another, with or without its extension. */
function beside(file, name) {
  const wanted = path.join(path.dirname(file), name);
  return path.extname(wanted) === '' ? `${wanted}.js` : wanted;
}

/** Compiled scripts, shared by engines. @type {Map<string, vm.Script>} */
const scripts = new Map();

/** Compiles a file of the package or of page code. */
function scriptOf(file, strict) {
  const key = `${Boolean(strict)} ${file}`;
  if (!scripts.has(key)) {
    const source = readFileSync(file, 'utf8');
    // Strict mode makes `this` undefined in a plain function call. Those engines do so even in sloppy mode, as measured.
    const wrapped = `${strict ? "'use strict';" : ''}(function (module, exports, require, console, setTimeout, clearTimeout) { ${source}\n})`;
    scripts.set(key, new vm.Script(wrapped, { filename: file }));
  }
  return scripts.get(key);
}

/** Records the modules compiled there. */
function watchInstantiations(context, clock) {
  const watched = { sizes: [], memory: undefined };
  const { WebAssembly } = vm.runInContext('({ WebAssembly: this.WebAssembly })', context);
  if (WebAssembly) {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...passed) => {
      watched.sizes.push(passed[0].byteLength);
      const result = await clock.during(instantiate.apply(WebAssembly, passed));
      watched.memory = result.instance.exports.memory;
      return result;
    };
  }
  return watched;
}
