/**
 * Makes a file of the package: `node bundle.mjs SOURCE RESULT [--minify]`, with everything that the source imports. A RESULT
 * that ends in `.mjs` is an ES module, any other CommonJS.
 *
 * An ES module that makes clients has only names in it, and all else in a file beside it: who imports the error class from there
 * has not the module to carry, whichever bundler it is.
 *
 * CommonJS is made from that of an ES module in a form of its own: the helpers that esbuild brings along weigh 400 bytes in each
 * file, after gzip, for what no file of this package does.
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

/** What the app brings along. */
const FRAMEWORKS = ['vue', 'react', '@tarojs/components'];

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
  format: 'esm',
  target: 'es2018',
  platform: 'neutral',
  external: FRAMEWORKS,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [shared],
});
const bundled = { code: ending === '.mjs' ? outputFiles[0].text : commonjs(outputFiles[0].text) };
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

/**
 * The same as CommonJS. An import becomes a constant: what is imported here never changes, and is there when it is asked for.
 *
 * @param {string} esm as esbuild writes it: statements of one kind, whole lines
 */
function commonjs(esm) {
  const names = (/** @type {string} */ list, /** @type {(name: string, other: string) => string} */ form) =>
    list.split(',').map((item) => form(...item.trim().split(' as ').concat(item.trim()).slice(0, 2))).join('');
  /** @type {Map<string, string>} */
  const modules = new Map();
  const imported = esm.replace(/^import \{([^}]*)\} from ("[^"]*");$/gm, (_, list, module) => {
    modules.set(module, `${modules.get(module) || ''}${names(list, (name, local) => `${name}: ${local}, `)}`);
    return '';
  });
  const body = imported.replace(/^export \{([^}]*)\};$/gm, (_, list) =>
    names(list, (local, name) => `exports.${name} = ${local};\n`),
  );
  const odd = /^(?:import|export)\b.*/m.exec(body);
  if (odd) throw new Error(`esbuild writes something else than it did: ${odd[0]}`);
  const required = [...modules].map(([module, list]) => `const { ${list}} = require(${module});\n`);
  return `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n${required.join('')}${body}`;
}
