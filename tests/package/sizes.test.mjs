import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { installPacked } from '../bare/support/packed.mjs';
import { BUNDLERS, configuration, forOneFile, made, makeApp } from './support.mjs';

/** The size that each entry adds to an app, by bundler. */

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

/** The size of a bundled file, in bytes. */
async function bundled(bundler, name, source) {
  const app = await makeApp(packed, `sizes-${bundler}-${name}`, { 'app.js': source, 'package.json': '{ "private": true }' });
  await BUNDLERS[bundler](app, forOneFile(await configuration(packed, bundler), 'app.js'));
  const bytes = Buffer.concat(await made(app));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** The most that the class, its texts and the bundler's own code may take. */
const CLASS_ALONE = 4000;

const CLASS = {
  'import from miniauth': `import { MiniauthError } from 'miniauth'; export const is = (error) => error instanceof MiniauthError;`,
  'import from miniauth-wasm': `import { MiniauthError } from 'miniauth/wasm'; export const is = (error) => error instanceof MiniauthError;`,
  'import from miniauth-plain': `import { MiniauthError } from 'miniauth/plain'; export const is = (error) => error instanceof MiniauthError;`,
  'import from miniauth-worker': `import { MiniauthError } from 'miniauth/worker'; export const is = (error) => error instanceof MiniauthError;`,
  'import from miniauth-error': `import { MiniauthError } from 'miniauth/error'; export const is = (error) => error instanceof MiniauthError;`,
};

/** For bundlers that also bundle `require`; the others leave it as it is. */
const REQUIRED = `const { MiniauthError } = require('miniauth/error'); exports.is = (error) => error instanceof MiniauthError;`;

for (const bundler of Object.keys(BUNDLERS)) {
  test(`${bundler}: the error class alone costs nothing of the module`, async (t) => {
    const ways = bundler === 'webpack' || bundler === 'esbuild' ? { ...CLASS, 'require of miniauth-error': REQUIRED } : CLASS;
    for (const [way, source] of Object.entries(ways)) {
      const { raw } = await bundled(bundler, way.replace(/ /g, '-'), source);
      t.diagnostic(`${way}: ${raw} bytes`);
      assert.ok(raw > 300 && raw < CLASS_ALONE, `${way}: ${raw} bytes`);
    }
  });

  test(`${bundler}: an entry costs what its file weighs`, async (t) => {
    for (const entry of ['index', 'wasm', 'plain', 'worker']) {
      const name = entry === 'index' ? 'miniauth' : `miniauth/${entry}`;
      const shipped = await Promise.all([`${entry}-host.mjs`, 'error.mjs'].map((file) => readFile(path.join(packed.folder, 'dist', file))));
      const { raw, gzip } = await bundled(bundler, entry, `export { createAuth } from '${name}';`);
      const expected = Buffer.concat(shipped).length;
      t.diagnostic(`${name}: ${raw} bytes, ${gzip} after gzip`);
      assert.ok(Math.abs(raw - expected) < 0.06 * expected + 500, `${name}: ${raw} bytes, of ${expected}`);
    }
  });
}

/** Entries without a client. */
const ALONE = ['error', 'plain-module', 'vue', 'react'];

test('the README says what each entry weighs', async (t) => {
  const readme = await readFile(path.join(packed.folder, 'README.md'), 'utf8');
  const [, table] = /<!-- sizes -->\n([^]*?)<!-- \/sizes -->/.exec(readme);
  const rows = [...table.matchAll(/^\| `miniauth(?:\/([a-z-]+))?` \| (\d+) \| (\d+) \|/gm)];
  assert.equal(rows.length, 8);
  for (const [, entry = 'index', raw, gzip] of rows) {
    const files = ALONE.includes(entry) ? [entry] : [entry, 'error'];
    const bytes = await Promise.all(files.map((file) => readFile(path.join(packed.folder, 'dist', `${file}.js`))));
    const sum = (of) => bytes.reduce((total, file) => total + of(file).length, 0) / 1000;
    const weighs = [sum((file) => file), sum((file) => gzipSync(file, { level: 9 }))];
    t.diagnostic(`${entry}: ${weighs.map((kilobytes) => kilobytes.toFixed(1)).join(', ')}`);
    for (const [at, said] of [raw, gzip].entries()) {
      // It may grow a little before the table must be updated.
      assert.ok(Math.abs(weighs[at] - said) <= 1 + 0.02 * said, `${entry}: pkg/README.md says ${said} KB, it is ${weighs[at].toFixed(1)}`);
    }
  }
});
