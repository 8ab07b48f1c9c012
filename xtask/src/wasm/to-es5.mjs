/**
 * Translates a script to ES5: `node to-es5.mjs SOURCE RESULT`. Only syntax: built-ins stay what they are.
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
