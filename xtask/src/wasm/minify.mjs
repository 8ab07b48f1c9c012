/**
 * Makes a script smaller: `node minify.mjs SOURCE RESULT ECMA`, with syntax of that version. A RESULT that ends in `.mjs` is a
 * module.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { minify } from 'terser';

const [source, result, ecma] = process.argv.slice(2);
const { code } = await minify(await readFile(source, 'utf8'), {
  ecma: Number(ecma),
  module: result.endsWith('.mjs'),
  toplevel: true,
});
await writeFile(result, code);
