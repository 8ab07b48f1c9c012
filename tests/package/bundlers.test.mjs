import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { transformAsync } from '@babel/core';
import { build } from 'esbuild';
import { minify } from 'terser';
import webpack from 'webpack';
import { alphabet, text } from '../../js/generated/module.js';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { ORIGIN, Platform } from '../bare/support/platform.mjs';
import { LONG, installTools } from './support.mjs';

let packed;
let app;
before(async () => {
  packed = await installPacked();
  app = path.resolve(packed.folder, '../..');
  await writeFile(path.join(app, 'app.js'), "module.exports = require('miniauth/wasm');\n");
});
after(() => packed?.remove());

/** Writes a file of the app beside the package's file that the entries share. */
async function fileOf(name, content) {
  const file = path.join(app, name, 'app.js');
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(path.join(packed.folder, 'dist/error.js'), path.join(app, name, 'error.js'));
  await writeFile(file, content);
  return file;
}

/** Starts a script's module in an engine like iOS's, and makes a first call. */
function start(file, prepare = '') {
  const engine = bareEngine('iOS', packed.folder);
  engine.run(prepare);
  const { createAuth } = engine.load(file);
  return createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN }).consents();
}

const shipped = () => readFile(path.join(packed.folder, 'dist/wasm.js'), 'utf8');

/** Babel's preset for ES5, as apps for old phones use it. */
const ES5 = [['@babel/preset-env', { forceAllTransforms: true, modules: false }]];

/** How tools build the package into an app, each with the settings that are hardest on texts. */
const TOOLS = {
  'esbuild with ASCII alone': async () => {
    const options = { entryPoints: [path.join(app, 'app.js')], bundle: true, minify: true, charset: 'ascii', format: 'cjs' };
    const { outputFiles } = await build({ ...options, write: false });
    return outputFiles[0].text;
  },
  'terser with ASCII alone': async () => (await minify(await shipped(), { format: { ascii_only: true } })).code,
  'Babel, minified': async () => {
    return (await transformAsync(await shipped(), { configFile: false, sourceType: 'script', minified: true, presets: ES5 })).code;
  },
  ...(LONG && {
    'rollup with Babel into ES5': async () => {
      const tool = await installTools();
      const [{ rollup }, { default: resolve }, { babel }] = await Promise.all(
        ['rollup', '@rollup/plugin-node-resolve', '@rollup/plugin-babel'].map(tool),
      );
      const input = path.join(app, 'rollup.mjs');
      await writeFile(input, "export * from 'miniauth/wasm';\nexport const later = async (value) => await value;\n");
      const plugins = [resolve(), babel({ babelHelpers: 'bundled', configFile: false, compact: false, presets: ES5 })];
      const { output } = await (await rollup({ input, plugins })).generate({ format: 'cjs' });
      return output[0].code;
    },
    'swc into ES5, minified': async () => {
      const { transform } = (await (await installTools())('@swc/core')).default;
      return (
        await transform(await shipped(), {
          swcrc: false,
          isModule: false,
          minify: true,
          jsc: { target: 'es5', minify: { compress: true, mangle: true } },
        })
      ).code;
    },
  }),
  webpack: async () => {
    const output = { path: path.join(app, 'webpack'), filename: 'app.js', library: { type: 'commonjs2' } };
    const stats = await promisify(webpack)({ mode: 'production', context: app, entry: './app.js', target: ['web', 'es2018'], output });
    assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
    return readFile(path.join(output.path, output.filename), 'utf8');
  },
};

for (const [name, translate] of Object.entries(TOOLS)) {
  test(`${name}: the module comes through`, async (t) => {
    const script = await translate();
    t.diagnostic(`${Buffer.byteLength(script)} bytes, ${Buffer.byteLength(await shipped())} as shipped`);
    assert.deepEqual([...(await start(await fileOf(name, script)))], []);
  });
}

/** What happens to the file if a tool does not read it as UTF-8, or cannot write what it read. */
const SPOILT = {
  'read as Latin-1': [(bytes) => bytes.toString('latin1'), /read as Latin-1/],
  'read as Windows-1252': [(bytes) => new TextDecoder('windows-1252').decode(bytes), /read as Latin-1/],
  'written as ASCII': [(bytes) => bytes.toString().replace(/[^\0-\x7f]/g, '?'), /not read as UTF-8/],
  'cut short': [(bytes) => bytes.toString().replace(text, text.slice(1)), /was changed/],
  'two bytes exchanged': [(bytes) => bytes.toString().replace(text, text.slice(4, 8) + text.slice(0, 4) + text.slice(8)), /was changed/],
};

for (const [name, [spoil, cause]] of Object.entries(SPOILT)) {
  test(`${name}: a start that failed, with its cause, and nothing is compiled`, async () => {
    const file = await fileOf(name, spoil(Buffer.from(await shipped())));
    const compiled = `WebAssembly.instantiate = () => { throw new Error('compiled'); };`;
    await assert.rejects(start(file, compiled), (error) => {
      assert.equal(error.code, 'start_failed');
      assert.match(error.cause.message, cause);
      return true;
    });
  });
}

test('read as GBK: every character stays one character, so that the module comes through', async () => {
  const script = new TextDecoder('gbk').decode(Buffer.from(await shipped()));
  assert.ok(!script.includes(alphabet));
  assert.deepEqual([...(await start(await fileOf('gbk', script)))], []);
});

test('the text holds nothing that a tool would escape, normalise or take for something else', async () => {
  assert.match(text, /^[ -~]+$/);
  assert.match(alphabet, /^[ -~\u0250]+$/);
  assert.doesNotMatch(alphabet + text, /["'`\\$<]/);
  for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) assert.equal(alphabet.normalize(form), alphabet, form);
  for (const name of ['wasm.js', 'wasm-host.mjs', 'index.js', 'index-host.mjs']) {
    assert.ok((await readFile(path.join(packed.folder, 'dist', name), 'utf8')).includes(text), name);
  }
});
