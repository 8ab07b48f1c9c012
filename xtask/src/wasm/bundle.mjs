/**
 * Bundles a file of the package with its imports: `node bundle.mjs SOURCE RESULT [--minify]`. A RESULT that ends in `.mjs` is an
 * ES module, any other CommonJS.
 *
 * An ES module that makes clients only re-exports names, and the rest is in a file beside it: an app that imports only the error
 * class does not carry the module, whichever bundler it uses.
 *
 * CommonJS is written here, from the ES module: esbuild's helpers would add 400 bytes to each file, after gzip, for features that
 * no file of this package uses.
 *
 * The target is ES2018, because the vendor's compiler rejects newer syntax and does not translate `node_modules`. Terser's output
 * is 1 % smaller than esbuild's, after gzip.
 */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { minify } from 'terser';

const SOURCES = fileURLToPath(new URL('../../../js/src/', import.meta.url));

/** Sources that become separate files of the package, so that all entries share one error class. */
const FILES = { 'error.js': 'error', 'entries/index.js': 'index' };

/** Packages that the app provides. */
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
 * Translates an ES module to CommonJS. An import becomes a constant: these imports never change, and exist when they are required.
 *
 * @param {string} esm esbuild's output: imports and exports of one kind, in whole lines
 */
function commonjs(esm) {
  const names = (/** @type {string} */ list, /** @type {(name: string, other: string) => string} */ form) =>
    list
      .split(',')
      .map((item) => form(...item.trim().split(' as ').concat(item.trim()).slice(0, 2)))
      .join('');
  /** @type {Map<string, string>} */
  const modules = new Map();
  const imported = esm.replace(/^import \{([^}]*)\} from ("[^"]*");$/gm, (_, list, module) => {
    modules.set(module, `${modules.get(module) || ''}${names(list, (name, local) => `${name}: ${local}, `)}`);
    return '';
  });
  const body = imported.replace(/^export \{([^}]*)\};$/gm, (_, list) => names(list, (local, name) => `exports.${name} = ${local};\n`));
  const odd = /^(?:import|export)\b.*/m.exec(body);
  if (odd) throw new Error(`esbuild's output has an unexpected form: ${odd[0]}`);
  const required = [...modules].map(([module, list]) => `const { ${list}} = require(${module});\n`);
  return `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n${required.join('')}${body}`;
}
