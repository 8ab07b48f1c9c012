import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'acorn';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { ORIGIN, Platform } from '../bare/support/platform.mjs';

const run = promisify(execFile);
const WASM_OPT = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url));

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

const dist = (...file) => path.join(packed.folder, 'dist', ...file);

/** Fails if a module needs more than the first version of WebAssembly, which is all that V8 69 supports. */
const validate = (module) => run(process.execPath, [WASM_OPT, '--mvp-features', module, '-o', dist('validated.wasm')]);

test('the module uses only the first version of WebAssembly', async () => {
  await validate(dist('workers', 'miniauth.wasm'));
  const later = {
    'bulk memory': '(memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))',
    'sign extension': '(func (result i32) (i32.extend8_s (i32.const 0)))',
    'conversion that does not trap': '(func (result i32) (i32.trunc_sat_f32_s (f32.const 0)))',
    'multi-value': '(func (result i32 i32) (i32.const 0) (i32.const 0))',
    'mutable globals': '(global (export "g") (mut i32) (i32.const 0))',
    'reference types': '(table 1 externref)',
  };
  for (const [feature, code] of Object.entries(later)) {
    await writeFile(dist('later.wat'), `(module ${code})`);
    await assert.rejects(validate(dist('later.wat')), feature);
  }
});

test('no entry holds an async function or a generator, and none switches the code cache off by "use asm"', async () => {
  const scripts = (await readdir(dist())).filter((name) => /\.m?js$/.test(name) && !name.startsWith('testing.'));
  assert.equal(scripts.length, 20);
  for (const name of [...scripts, 'workers/miniauth.js']) {
    const source = await readFile(dist(name), 'utf8');
    const found = [];
    const onToken = ({ value }) => {
      if (['async', 'await', 'yield', 'use asm'].includes(value)) found.push(value);
    };
    parse(source, { ecmaVersion: 2018, sourceType: name.endsWith('.mjs') ? 'module' : 'script', onToken });
    assert.deepEqual(found, [], name);
  }
});

/** Safari 11 has WebAssembly, but where code may not be compiled, touching it crashes the app. */
const SAFARI_11 = `
  var touched = 0;
  Object.defineProperty(this, 'WebAssembly', { get() { touched += 1; throw new Error('crashed'); } });
`;

/** Polyfills that apps bring for an engine without `flat`; core-js makes its own look native. */
const POLYFILLS = {
  none: 'delete Array.prototype.flat;',
  plain: 'Array.prototype.flat = function (depth) { return [].concat.apply([], this); };',
  'core-js': `
    Array.prototype.flat = function flat() { return [].concat.apply([], this); };
    Array.prototype.flat.prototype = undefined;
    Function.prototype.toString = function toString() { return 'function ' + this.name + '() { [native code] }'; };
  `,
};

test('iOS before 12: WebAssembly is not even looked up, whatever polyfill is there', async () => {
  const entries = { 'index.js': undefined, 'wasm.js': 'start_failed' };
  for (const [polyfill, code] of Object.entries(POLYFILLS)) {
    for (const [entry, ends] of Object.entries(entries)) {
      const engine = bareEngine('iOS', packed.folder);
      engine.run(code + SAFARI_11);
      const { createAuth } = engine.require(`dist/${entry}`);
      const asked = createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN }).consents();
      assert.equal(
        await asked.then(
          () => undefined,
          (error) => error.code,
        ),
        ends,
        `${entry}, ${polyfill}`,
      );
      assert.equal(engine.run('touched'), 0, `${entry}, ${polyfill}`);
    }
  }
});
