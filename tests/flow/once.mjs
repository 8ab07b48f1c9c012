#!/usr/bin/env node
/**
 * Drives the example through the whole flow in headless Chromium, once:
 *
 *   node tests/flow/once.mjs --binary PATH --output DIR
 *
 * Prints a transcript of every platform call, consent panel, decision, request and gateway call, writes a screenshot per
 * step and readme.png into DIR, and exits with 1 when anything differs from what it must be.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as readmePicture from './support/readme-picture.mjs';
import { loadScenarios } from './support/scenarios.mjs';
import { Stage } from './support/stage.mjs';

const USAGE = 'usage: node tests/flow/once.mjs --binary PATH --output DIR';

/**
 * @param {{ binary: string, output: string }} options
 * @param {AbortSignal} interruption ends the run early, and leaves nothing behind
 * @returns {Promise<boolean>} whether everything was as it must be
 */
async function performAll({ binary, output }, interruption) {
  const stateDir = await mkdtemp(join(tmpdir(), 'miniauth-flow-'));
  const stage = await Stage.open({
    binary: resolve(binary),
    output: resolve(output),
    stateDir,
    appDir: fileURLToPath(new URL('../../example-miniapp', import.meta.url)),
  });
  interruption.addEventListener('abort', () => void stage.closeBrowser());
  const scenarios = [...(await loadScenarios()), readmePicture];
  let good = 0;
  try {
    for (const scenario of scenarios) {
      if (interruption.aborted) break;
      try {
        await stage.perform(scenario, console.log);
        good += 1;
      } catch (error) {
        console.log(interruption.aborted ? '  interrupted' : `  DIFFERS from what it must be: ${error.message}`);
      }
    }
  } finally {
    await stage.close();
    await rm(stateDir, { recursive: true });
  }
  console.log(`\n${good} of ${scenarios.length} as they must be; the screenshots are in ${resolve(output)}`);
  return good === scenarios.length;
}

async function main() {
  const { values } = parseArgs({ options: { binary: { type: 'string' }, output: { type: 'string' } } });
  if (!values.binary || !values.output) throw new Error(USAGE);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
  return performAll({ binary: values.binary, output: values.output }, interruption.signal);
}

main().then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
