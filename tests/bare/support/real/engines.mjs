import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { newQuickJSWASMModule } from 'quickjs-emscripten';
import { BEHAVIOURS } from '../../../hosts/support/list.mjs';

const { createLink } = createRequire(import.meta.url)('./link.cjs');

const jsc =
  (...flags) =>
  (script, answer) =>
    JavaScriptCore.start(script, answer, flags);

/** The other engines: where the module runs in each, and how to start it. */
const TRAITS = {
  JavaScriptCore: { host: 'wasm', start: jsc() },
  'JavaScriptCore without JIT': { host: 'wasm', start: jsc('--useJIT=false') },
  'JavaScriptCore without WebAssembly': { host: 'plain', start: jsc('--useWasm=false') },
  'JavaScriptCore without JIT and WebAssembly': { host: 'plain', start: jsc('--useJIT=false', '--useWasm=false') },
  QuickJS: { host: 'plain', start: (script, answer) => QuickJs.start(script, answer) },
};

export const REAL_ENGINES = Object.keys(TRAITS);

export const REAL_HOSTS = Object.fromEntries(Object.entries(TRAITS).map(([name, { host }]) => [name, host]));

/**
 * Runs one phase of a behaviour in such an engine, like an app that starts: the package, timers, the platform's calls and nothing else.
 *
 * @param {object} where
 * @param {string} where.engine
 * @param {string} where.folder the installed package
 * @param {import('../clock.mjs').DrivenClock} where.clock
 * @param {import('../platform.mjs').Platform} where.platform
 * @param {{ name: string, phase: 'run' | 'again', given: object }} what
 */
export async function runInRealEngine({ engine, folder, clock, platform }, { name, phase, given }) {
  let busy = Promise.resolve();
  let closed = false;
  let end;
  const ended = new Promise((resolve, reject) => {
    end = (error, facts) => (error === undefined ? resolve(facts) : reject(new Error(error)));
  });
  // Page code's calls are queued, and time stands still until each has come to rest.
  const link = createLink((message) => {
    busy = clock.during(busy.then(() => closed || page.deliver(message)).catch((error) => end(error.stack)));
  });
  link.offer(
    () => clock.now(),
    (run, milliseconds) => clock.setTimeout(run, milliseconds),
    (timer) => clock.clearTimeout(timer),
    (problem) => end(problem),
  );
  platform.later = (run) => void busy.then(() => setImmediate(run));
  const page = await TRAITS[engine].start(scriptOf(folder), (message) => link.reply(message));
  try {
    const hears = (tell) => {
      platform.shown.push = (...shows) => void tell(shows);
    };
    link.remote(0)({ entry: ENTRY, name, phase, names: [...NOWHERE, 'WebAssembly'], end, hears, given });
    const { known, compiled } = await ended;
    await busy;
    const wasm = TRAITS[engine].host === 'wasm';
    assert.deepEqual(known, wasm ? ['WebAssembly'] : [], 'what the engine has');
    assert.equal(compiled > 0, wasm, 'the module runs where it should');
  } finally {
    closed = true;
    await page.close();
  }
}

/** Names that are not part of the language, which these engines must not have either. */
const NOWHERE = [
  'TextEncoder',
  'TextDecoder',
  'crypto',
  'queueMicrotask',
  'structuredClone',
  'fetch',
  'process',
  'Buffer',
  'self',
  'console',
  'setTimeout',
  'performance',
  'print',
  'readline',
  'ask',
  'my',
];

const ENTRY = 'package/index.js';

/** @type {Map<string, { text: string, file: string }>} */
const scripts = new Map();

/** All code for an engine, as a script with page.cjs's `createPage`, and a file with it for `jsc`. */
function scriptOf(folder) {
  if (!scripts.has(folder)) {
    const { main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const files = [
      [ENTRY, path.join(folder, main)],
      ['package/error.js', path.join(folder, 'dist', 'error.js')],
    ];
    for (const file of readdirSync(BEHAVIOURS)) if (file.endsWith('.js')) files.push([`behaviours/${file}`, path.join(BEHAVIOURS, file)]);
    const wrapped = files.map(([name, file]) => {
      const wrapper = `function (module, exports, require, console, setTimeout, clearTimeout) { ${readFileSync(file, 'utf8')}\n}`;
      return `${JSON.stringify(name)}: ${wrapper}`;
    });
    const own = ['link.cjs', 'page.cjs'].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'));
    const text = `const createPage = (ask) => {
      const exports = {};
      ${own.join('\n')}
      return exports.createPage(ask, {${wrapped.join(',\n')}}, exports.createLink);
    };`;
    const file = path.join(folder, '..', 'jsc.js');
    writeFileSync(file, `${text}\n${JSC_LOOP}`);
    scripts.set(folder, { text, file });
  }
  return scripts.get(folder);
}

/**
 * Runs in the shell `jsc`. A line out is a call, or empty when page code is at rest; a line in is the reply or the next call. The
 * shell's additions to the language are hidden from page code.
 */
const JSC_LOOP = `{
  const { print, readline, quit, setTimeout: later } = globalThis;
  for (const name of 'print readline quit setTimeout console performance load read readFile run'.split(' ')) delete globalThis[name];
  const page = createPage((message) => {
    print(message);
    return readline();
  });
  const turn = () => {
    if (!page.isCompiling()) {
      print('');
      const message = readline();
      if (message === '') quit();
      page.receive(message);
    }
    later(turn, 0);
  };
  turn();
}`;

/** WebKit's engine, as Debian's `jsc`. */
class JavaScriptCore {
  static async start({ file }, answer, flags) {
    const started = new JavaScriptCore(spawn('jsc', [...flags, file], { stdio: ['pipe', 'pipe', 'inherit'] }), answer);
    await started.#rest();
    return started;
  }

  constructor(child, answer) {
    this.child = child;
    this.ended = once(child, 'close').catch((error) => {
      throw new Error(`${error.message}: \`apt-get install libjavascriptcoregtk-4.0-bin\` brings jsc`);
    });
    this.answer = answer;
    this.lines = createInterface({ input: child.stdout, crlfDelay: Infinity })[Symbol.asyncIterator]();
  }

  /** Answers page code's calls until it is at rest. */
  async #rest() {
    for (;;) {
      const { value: line, done } = await this.lines.next();
      if (done) throw new Error(`jsc ended with ${await this.ended}`);
      if (line === '') return;
      this.#write(this.answer(line));
    }
  }

  /** Its shell reads Latin-1. */
  #write(message) {
    const ascii = message.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    this.child.stdin.write(`${ascii}\n`);
  }

  async deliver(message) {
    this.#write(message);
    await this.#rest();
  }

  async close() {
    this.child.stdin.end();
    await this.ended;
  }
}

/** Bellard's engine, compiled to WebAssembly. Each instance has its own memory, which is freed with it like a process's. */
class QuickJs {
  static async start({ text }, answer) {
    const started = new QuickJs((await newQuickJSWASMModule()).newContext());
    const { vm } = started;
    vm.newFunction('ask', (message) => vm.newString(answer(vm.getString(message)))).consume((ask) => vm.setProp(vm.global, 'ask', ask));
    const code = `{ const page = createPage(ask); delete globalThis.ask; (message) => page.receive(message); }`;
    started.receive = vm.unwrapResult(vm.evalCode(`${text}\n${code}`, 'page.js'));
    return started;
  }

  constructor(vm) {
    this.vm = vm;
  }

  async deliver(message) {
    const { vm } = this;
    vm.newString(message).consume((text) => vm.unwrapResult(vm.callFunction(this.receive, vm.undefined, text)).dispose());
    vm.unwrapResult(vm.runtime.executePendingJobs());
  }

  async close() {}
}
