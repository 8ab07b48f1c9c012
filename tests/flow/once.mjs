#!/usr/bin/env node
/**
 * Drives the example through the whole flow in headless Chromium, once:
 *
 *   node tests/flow/once.mjs --binary PATH --output DIR
 *
 * Prints a transcript of every platform call, consent panel, decision, request and gateway call, writes a screenshot per step, readme.png
 * and recording.webp into DIR, and exits with 1 if anything differs from the expectation.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as readmePicture from './support/readme-picture.mjs';
import * as readmeRecording from './support/readme-recording.mjs';
import { loadScenarios } from './support/scenarios.mjs';
import { Stage } from './support/stage.mjs';

const USAGE = 'usage: node tests/flow/once.mjs --binary PATH --output DIR';

/**
 * @param {Stage} stage
 * @param {AbortSignal} interruption ends the run early
 * @returns {Promise<{ good: number, all: number }>} how many scenarios passed
 */
async function performAll(stage, interruption) {
  const scenarios = [...(await loadScenarios()), readmePicture, readmeRecording];
  let good = 0;
  for (const scenario of scenarios) {
    if (interruption.aborted) break;
    console.log();
    try {
      await stage.perform(scenario, console.log);
      good += 1;
    } catch (error) {
      console.log(interruption.aborted ? '  interrupted' : `  DIFFERS from what it must be: ${error.message}`);
    }
  }
  return { good, all: scenarios.length };
}

/**
 * @param {{ binary: string, output: string }} options
 * @param {AbortSignal} interruption
 * @returns {Promise<boolean>} whether everything passed; nothing is left behind either way
 */
async function runOnce({ binary, output }, interruption) {
  const appDir = fileURLToPath(new URL('../../example-miniapp', import.meta.url));
  const workDir = await mkdtemp(join(tmpdir(), 'miniauth-flow-'));
  try {
    const stage = await Stage.open({ binary, output, workDir, appDir });
    interruption.addEventListener('abort', () => void stage.closeBrowser());
    const { good, all } = await performAll(stage, interruption).finally(() => stage.close());
    console.log(`\n${good} of ${all} as they must be; the screenshots are in ${output}`);
    return good === all;
  } finally {
    await rm(workDir, { recursive: true });
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { binary: { type: 'string' }, output: { type: 'string' } } });
    if (values.binary && values.output) return { binary: resolve(values.binary), output: resolve(values.output) };
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`, { cause: error });
  }
  throw new Error(USAGE);
}

async function main() {
  const options = readArguments();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
  // The reader has closed the output (`| head`): that also ends the run.
  process.stdout.on('error', () => interruption.abort());
  return runOnce(options, interruption.signal);
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
