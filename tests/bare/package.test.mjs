import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'acorn';
import { PROFILES, bareEngine } from './support/engine.mjs';
import { ORIGIN, Platform } from './support/platform.mjs';
import { world } from './support/world.mjs';

const { packed } = world();

test('the packed package holds its two entries its types and its licences, and nothing else', async () => {
  const { folder } = packed();
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  assert.deepEqual((await readdir(folder)).sort(), ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist', 'package.json']);
  assert.deepEqual((await readdir(path.join(folder, 'dist'))).sort(), ['index.js', 'index.mjs', 'miniauth.d.mts', 'miniauth.d.ts']);
  for (const entry of [manifest.main, manifest.module, manifest.types]) {
    assert.ok((await readFile(path.join(folder, entry), 'utf8')).length > 0, entry);
  }
  assert.equal(manifest.dependencies, undefined);
});

test('both entries are ES2018 at most', async () => {
  for (const [entry, sourceType] of [['index.js', 'script'], ['index.mjs', 'module']]) {
    parse(await readFile(path.join(packed().folder, 'dist', entry), 'utf8'), { ecmaVersion: 2018, sourceType });
  }
});

for (const profile of PROFILES) {
  test(`${profile}: nothing is decoded, compiled or called at import or by createAuth`, () => {
    const engine = bareEngine(profile);
    const { createAuth } = engine.require(packed().source);
    const platform = new Platform({}, '', 'current');
    createAuth({ my: platform.my, server: ORIGIN });
    assert.deepEqual(engine.instantiations, []);
    assert.deepEqual(platform.calls, []);
  });
}

test('an engine without WebAssembly is told so, and the next call tries again', async () => {
  const engine = bareEngine('iOS');
  engine.run('delete this.WebAssembly');
  const { createAuth } = engine.require(packed().source);
  const auth = createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(auth.login(), { name: 'MiniauthError', code: 'start_failed' });
  }
});

test('wrong options are named at once', async () => {
  const { createAuth } = bareEngine('iOS').require(packed().source);
  const { my } = new Platform({}, '', 'current');
  assert.throws(() => createAuth(), { code: 'options_invalid', message: /\{ my \}/ });
  assert.throws(() => createAuth({ my }), { code: 'options_invalid', message: /\{ server \}/ });
  await assert.rejects(createAuth({ my, server: 'http://api.shop.example' }).login(), {
    code: 'options_invalid',
    message: /server is an https address/,
  });
});
