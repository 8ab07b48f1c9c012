/**
 * Measures the display-only guard of the built package in Node and in Chromium and prints a table.
 *
 *     cargo xtask build && node bench/guard/run.mjs [--json FILE] [--node-only]
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { createAuth } from '../../pkg/dist/index.mjs';
import { measure } from './measure.mjs';

const { values } = parseArgs({ options: { json: { type: 'string' }, 'node-only': { type: 'boolean' } } });

const results = { Node: await measure({ createAuth, now: () => performance.now() }) };
if (!values['node-only']) results.Chromium = await inChromium();
for (const [engine, rows] of Object.entries(results)) print(engine, rows);
if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);

async function inChromium() {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createAuth } from ${JSON.stringify(here('../../pkg/dist/index.mjs'))};
        import { measure } from ${JSON.stringify(here('measure.mjs'))};
        globalThis.measured = () => measure({ createAuth, now: () => performance.now() });`,
      resolveDir: here('.'),
    },
    bundle: true,
    format: 'iife',
    write: false,
  });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0].text });
    return await page.evaluate(() => globalThis.measured());
  } finally {
    await browser.close();
  }
}

function print(engine, rows) {
  console.log(`\n${engine}: MB/s of the body as sent, guard through the package (with its snapshot) and hand-written`);
  console.log(['user', 'body', 'size', 'miniauth', 'hand-written', 'ratio'].map(cell).join(''));
  for (const { user, body, size, bytes, miniauth, handwritten } of rows) {
    const speed = (milliseconds) => (bytes / 1e3 / milliseconds).toFixed(0);
    console.log([user, body, size, speed(miniauth), speed(handwritten), (handwritten / miniauth).toFixed(2)].map(cell).join(''));
  }
}

function cell(text, column) {
  return String(text).padEnd([18, 40, 8, 10, 14, 6][column]);
}
