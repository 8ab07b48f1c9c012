import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { BUNDLERS, LONG, configuration, makeApp, recipe } from './support.mjs';

/** The recipes of pkg/README.md for the plain JavaScript in a sub-package, each built as it stands there, and run. */

let packed;
before(async () => { packed = await installPacked(); });
after(() => packed?.remove());

/** One in the ordinary run. */
const BUILT = LONG ? Object.keys(BUNDLERS) : ['webpack'];

for (const bundler of BUILT) {
  test(`${bundler}: a phone without WebAssembly fetches the plain JavaScript from the sub-package`, async () => {
    const bundled = await recipe(packed, 'bundled');
    const app = await makeApp(packed, `recipe-${bundler}`, {
      'auth.js': bundler === 'webpack' ? bundled.replace('require(', '__non_webpack_require__(') : bundled,
      'plain.js': await recipe(packed, 'sub-package'),
      'package.json': '{ "private": true, "type": "module" }',
    });
    await BUNDLERS[bundler](app, await configuration(packed, bundler));
    const main = await readFile(path.join(app, 'dist/auth.js'), 'utf8');
    assert.ok(main.length < 175_000, `the main package holds the WebAssembly host alone: ${main.length}`);
    const fetched = await readFile(path.join(app, 'dist/packages/plain.js'), 'utf8');
    assert.ok(fetched.length < 220_000, `the sub-package holds the plain JavaScript, as small as it was: ${fetched.length}`);
    for (const engine of ['no WebAssembly', 'iOS']) {
      const bare = bareEngine(engine, packed.folder);
      bare.run('var my = {};');
      const loaded = bare.load(path.join(app, 'dist/auth.js'));
      assert.deepEqual([...(await (loaded.default ?? loaded).consents())], [], engine);
    }
  });
}
