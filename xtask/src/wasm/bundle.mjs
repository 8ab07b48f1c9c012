/**
 * Makes a file of the package: `node bundle.mjs SOURCE RESULT [--minify]`, with everything that the source imports. A RESULT
 * that ends in `.mjs` is an ES module, any other CommonJS.
 *
 * An ES module that makes clients has only names in it, and all else in a file beside it: who imports the error class from there
 * has not the module to carry, whichever bundler it is.
 *
 * Into ES2018, because the vendor's compiler rejects newer syntax and does not translate `node_modules`. Terser makes the
 * bundles 1 % smaller than esbuild does, after gzip.
 */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { minify } from 'terser';

const SOURCES = fileURLToPath(new URL('../../../js/src/', import.meta.url));

/** Sources that are files of the package by themselves: an error is of one class, whichever entry it comes from. */
const FILES = { 'error.js': 'error', 'entries/index.js': 'index' };

const [source, result, ...options] = process.argv.slice(2);
const ending = path.extname(result);

const shared = {
  name: 'shared',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path: imported, resolveDir, kind }) => {
      const name = FILES[path.relative(SOURCES, path.resolve(resolveDir, imported)).replaceAll(path.sep, '/')];
      return name && kind === 'import-statement' ? { path: `./${name}${ending}`, external: true } : undefined;
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [source],
  bundle: true,
  write: false,
  format: ending === '.mjs' ? 'esm' : 'cjs',
  target: 'es2018',
  platform: 'neutral',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [shared],
});
const bundled = { code: outputFiles[0].text };
const { code } = options.includes('--minify')
  ? await minify(bundled.code, { ecma: 2018, module: ending === '.mjs', toplevel: true })
  : bundled;

const exported = ending === '.mjs' ? /export\{[^}]*\bcreateAuth\b[^}]*\};?$/.exec(code.trim()) : null;
if (exported) {
  const beside = `${path.basename(result, ending)}-host.mjs`;
  await writeFile(path.join(path.dirname(result), beside), code);
  await writeFile(result, `export{createAuth}from"./${beside}";export{MiniauthError}from"./error.mjs";`);
} else {
  await writeFile(result, code);
}
