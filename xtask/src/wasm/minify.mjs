/**
 * Minifies an ES5 script: `node minify.mjs SOURCE RESULT`.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { minify } from 'terser';

const [source, result] = process.argv.slice(2);
const { code } = await minify(await readFile(source, 'utf8'), { ecma: 5, toplevel: true });
await writeFile(result, code);
