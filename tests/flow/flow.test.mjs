/** The scenarios of the whole flow as tests, one stack and one browser for all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadScenarios } from './support/scenarios.mjs';
import { Stage } from './support/stage.mjs';
import { findBinary } from '../support/binary.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const scenarios = await loadScenarios();

describe('the whole flow, in Chromium, over real HTTP', () => {
  /** @type {Stage | undefined} */
  let stage;
  /** @type {string} */
  let folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'miniauth-flow-'));
    stage = await Stage.open({
      binary: findBinary(),
      output: join(folder, 'screenshots'),
      workDir: folder,
      appDir: join(ROOT, 'example-miniapp'),
    });
  });

  after(async () => {
    await stage?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const scenario of scenarios) {
    test(scenario.title, { timeout: 120_000 }, async (context) => {
      const transcript = [];
      try {
        await stage.perform(scenario, (line) => transcript.push(line));
      } catch (error) {
        for (const line of transcript) context.diagnostic(line);
        throw error;
      }
    });
  }
});
