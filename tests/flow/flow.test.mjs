/** The scenarios of the whole flow as tests: one stack and one browser per profile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chosenForBrowser } from '../hosts/support/profiles.mjs';
import { loadScenarios } from './support/scenarios.mjs';
import { Stage } from './support/stage.mjs';
import { findBinary } from '../support/binary.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const all = await loadScenarios();

/** Besides the default profile, only what a profile may change; everything in a long run. */
const underProfile = process.env.MINIAUTH_LONG ? all : all.filter(({ byProfile }) => byProfile);

describe('the whole flow, in Chromium, over real HTTP', { concurrency: 2 }, () => {
  for (const { profile } of chosenForBrowser()) {
    describe(profile || 'on a platform as the documents describe it', { concurrency: 1 }, () => {
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

      for (const scenario of profile === '' ? all : underProfile) {
        test(scenario.title, { timeout: 120_000 }, async (context) => {
          const transcript = [];
          try {
            await stage.perform(scenario, (line) => transcript.push(line), profile);
          } catch (error) {
            for (const line of transcript) context.diagnostic(line);
            throw error;
          }
        });
      }
    });
  }
});
