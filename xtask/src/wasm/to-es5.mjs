/**
 * Translates the syntax of a script to ES5, not its built-ins: `node to-es5.mjs SOURCE RESULT`.
 */

import { writeFile } from 'node:fs/promises';
import { transformFileAsync } from '@babel/core';

const [source, result] = process.argv.slice(2);
const translated = await transformFileAsync(source, {
  configFile: false,
  babelrc: false,
  sourceType: 'script',
  compact: true,
  presets: [['@babel/preset-env', { forceAllTransforms: true, modules: false }]],
});
await writeFile(result, translated.code);
