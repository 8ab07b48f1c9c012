import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'acorn';
import { bareEngine, everywhere } from './support/engine.mjs';
import { ORIGIN, Platform } from './support/platform.mjs';
import { world } from './support/world.mjs';

const { packed } = world();

/** The package's entries, as an app names them. */
const ENTRIES = ['', '/wasm', '/plain', '/worker'];

const files = async (...folder) => (await readdir(path.join(packed().folder, ...folder))).sort();
const text = (...file) => readFile(path.join(packed().folder, ...file), 'utf8');

test('the packed package holds its entries, their types, its licences and what runs in a Worker, and nothing else', async () => {
  const manifest = JSON.parse(await text('package.json'));
  const stubs = ['error', 'plain', 'plain-module', 'react', 'testing', 'vue', 'wasm', 'worker'].flatMap((name) => [
    `${name}.d.ts`,
    `${name}.js`,
  ]);
  assert.deepEqual(
    await files(),
    ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'README.zh-CN.md', 'dist', 'package.json', 'vue', ...stubs].sort(),
  );
  const entries = ['error', 'index', 'plain', 'plain-module', 'react', 'testing', 'vue', 'wasm', 'worker'].flatMap((name) => [
    `${name}.js`,
    `${name}.mjs`,
  ]);
  const hosts = ['index', 'plain', 'wasm', 'worker'].map((name) => `${name}-host.mjs`);
  const declared = ['error', 'error-code', 'kit', 'miniauth', 'plain-module', 'react', 'testing', 'vue', 'wasm', 'worker'];
  const types = declared.flatMap((name) => [`${name}.d.ts`, `${name}.d.mts`]);
  assert.deepEqual(await files('dist'), [...entries, ...hosts, ...types, 'workers'].sort());
  assert.deepEqual(await files('vue'), ['AuthorizeButton.vue', 'AuthorizeButton.vue.d.ts']);
  assert.deepEqual(await files('dist', 'workers'), ['miniauth.js', 'miniauth.wasm']);
  for (const entry of [manifest.main, manifest.module, manifest.types]) {
    assert.ok((await text(entry)).length > 0, entry);
  }
  assert.equal(manifest.dependencies, undefined);
});

test('every entry is found by resolvers that know exports, and by those that know only files', async () => {
  const { folder } = packed();
  const require = createRequire(path.join(folder, '..', '..', 'app.js'));
  for (const entry of ENTRIES) {
    const { createAuth, MiniauthError } = require(`miniauth${entry}`);
    assert.equal(typeof createAuth, 'function', entry);
    assert.equal(MiniauthError, require('miniauth/error').MiniauthError, `${entry}: errors are of one class`);
    const file = require.resolve(`miniauth${entry}`);
    const module = await import(pathToFileURL(file.replace(/\.js$/, '.mjs')));
    assert.equal(typeof module.createAuth, 'function', entry);
  }
  for (const name of ['wasm', 'plain', 'plain-module', 'worker', 'error', 'testing']) {
    assert.equal(require(`miniauth/${name}.js`), require(`miniauth/${name}`), 'the plain file is the same module');
  }
});

test('every entry is ES2018 at most, and what runs in a Worker is ES5', async () => {
  for (const name of await files('dist')) {
    // The testing files are never part of a mini-program.
    if (name.startsWith('testing.')) continue;
    if (name.endsWith('.js')) parse(await text('dist', name), { ecmaVersion: 2018, sourceType: 'script' });
    if (name.endsWith('.mjs')) parse(await text('dist', name), { ecmaVersion: 2018, sourceType: 'module' });
  }
  parse(await text('dist', 'workers', 'miniauth.js'), { ecmaVersion: 5, sourceType: 'script' });
});

test("an app that takes one host alone does not carry the other's bytes", async () => {
  const [either, wasm, plain, worker] = await Promise.all(
    ['index', 'wasm', 'plain', 'worker'].map(async (name) => (await text('dist', `${name}.js`)).length),
  );
  assert.ok(wasm < either / 2 && plain < either, `${wasm}, ${plain}, ${either}`);
  assert.ok(worker < wasm / 5, `${worker}`);
});

/** Makes the engine count the allocated bytes and the compiled modules, in every way there is. */
const COUNT_WORK = `
  var work = { bytes: 0, compiled: 0 };
  Uint8Array = class extends Uint8Array {
    constructor(...passed) { super(...passed); work.bytes += this.length; }
  };
  if (typeof WebAssembly !== 'undefined') {
    for (const name of ['compile', 'instantiate']) {
      const native = WebAssembly[name];
      WebAssembly[name] = (...passed) => { work.compiled += 1; return native.apply(WebAssembly, passed); };
    }
    WebAssembly.Module = class extends WebAssembly.Module {
      constructor(bytes) { super(bytes); work.compiled += 1; }
    };
  }
`;

everywhere('nothing is decoded, compiled or called at import or by createAuth, and the first call starts it once', async (profile) => {
  const engine = bareEngine(profile, packed().folder);
  engine.run(COUNT_WORK);
  const { createAuth } = engine.require();
  const platform = new Platform({}, '', 'current');
  const auth = createAuth({ my: platform.my, server: ORIGIN, ...engine.options });
  await new Promise((resolve) => void setTimeout(resolve, 20));
  assert.deepEqual({ ...engine.run('work') }, { bytes: 0, compiled: 0 });
  assert.deepEqual(engine.instantiations, []);
  assert.deepEqual(platform.calls, []);
  await Promise.all([auth.consents(), auth.consents()]);
  await auth.consents();
  assert.equal(engine.instantiations.length, engine.compiles ? 1 : 0);
  assert.ok(profile === 'Worker' || engine.run('work').bytes > 10_000, 'the counters count');
});

everywhere('prepare() starts the module once, and asks the platform for nothing', async (profile) => {
  const engine = bareEngine(profile, packed().folder);
  const { createAuth } = engine.require();
  const platform = new Platform({}, '', 'current');
  const auth = createAuth({ my: platform.my, server: ORIGIN, ...engine.options });
  assert.equal(await auth.prepare(), undefined);
  await Promise.all([auth.prepare(), auth.prepare()]);
  const started = engine.compiles ? 1 : 0;
  assert.equal(engine.instantiations.length, started);
  await auth.consents();
  assert.equal(engine.instantiations.length, started, 'the first call starts nothing any more');
  const asked = platform.calls.filter(({ name }) => name !== 'getStorageSync' && name !== 'canIUse');
  assert.deepEqual(asked, [], 'only a kept session is read');
});

test('a failed prepare() causes no unhandled rejection, and the next call says why', async (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const { createAuth } = bareEngine('no WebAssembly', packed().folder).require('wasm.js');
  const auth = createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN });
  auth.prepare();
  await assert.rejects(auth.consents(), { code: 'start_failed' });
  await new Promise((resolve) => void setTimeout(resolve, 5));
  assert.deepEqual(unhandled, []);
  await assert.rejects(auth.prepare(), { code: 'start_failed' }, 'who waits for it is told');
});

/** Globals that no engine of page logic has, as measured, and others that the IDE's simulator lacks. */
const NOWHERE = ['TextEncoder', 'TextDecoder', 'crypto', 'queueMicrotask', 'structuredClone', 'fetch', 'process', 'Buffer', 'self'];
const NOT_IN_SIMULATOR = ['globalThis', 'BigInt', 'FinalizationRegistry', 'WeakRef'];

everywhere('the engine lacks what was measured to be missing there', async (profile) => {
  const engine = bareEngine(profile, packed().folder);
  const has = (name) => engine.run(`typeof ${name} !== 'undefined'`);
  const isSimulator = profile === 'IDE simulator' || profile === 'no WebAssembly';
  assert.deepEqual(NOWHERE.filter(has), []);
  assert.deepEqual(NOT_IN_SIMULATOR.filter(has), isSimulator ? [] : NOT_IN_SIMULATOR);
  assert.equal(has('WebAssembly'), profile === 'IDE simulator' || profile === 'iOS');
  assert.throws(() => engine.run('eval("1")'), { name: 'EvalError' });
  assert.throws(() => engine.run('new Function("return 1")()'), { name: 'EvalError' });
});

test('createAuth picks WebAssembly where it works, else plain JavaScript', async () => {
  const spoilt = { 'no WebAssembly': '', iOS: 'WebAssembly.instantiate = () => Promise.reject(new Error("refused"))' };
  for (const [profile, code] of Object.entries(spoilt)) {
    const engine = bareEngine(profile, packed().folder);
    const { createAuth } = engine.require();
    engine.run(code);
    const { my } = new Platform({}, '', 'current');
    assert.deepEqual([...(await createAuth({ my, server: ORIGIN }).consents())], [], profile);
    assert.deepEqual(engine.instantiations, []);
  }
  const engine = bareEngine('iOS', packed().folder);
  const { createAuth } = engine.require();
  await createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN }).consents();
  assert.equal(engine.instantiations.length, 1);
});

test('the WebAssembly host reports an engine without WebAssembly, and the next call tries again', async () => {
  const { createAuth } = bareEngine('no WebAssembly', packed().folder).require('wasm.js');
  const auth = createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(auth.login(), { name: 'MiniauthError', code: 'start_failed' });
  }
});

everywhere('wrong options are named at once', async (profile) => {
  const engine = bareEngine(profile, packed().folder);
  const { createAuth } = engine.require();
  const { my } = new Platform({}, '', 'current');
  const { options } = engine;
  assert.throws(() => createAuth({ ...options }), { code: 'options_invalid', message: /my must be the platform's object/ });
  assert.throws(() => createAuth({ my, ...options }), { code: 'options_invalid', message: /server must be the address/ });
  for (const panelTimeout of [0, 600001, '60s', NaN]) {
    assert.throws(() => createAuth({ my, server: ORIGIN, panelTimeout, ...options }), { code: 'options_invalid', message: /panelTimeout/ });
  }
  await assert.rejects(createAuth({ my, server: 'http://api.shop.example', ...options }).login(), {
    code: 'options_invalid',
    message: /server must be an https URL/,
  });
});
