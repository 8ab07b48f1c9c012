import { after, before, describe, test } from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { ENGINES } from '../bare/support/engine.mjs';
import { REAL_ENGINES } from '../bare/support/real/engines.mjs';
import { world } from '../bare/support/world.mjs';
import { everything } from './support/pool.mjs';
import { setGateway } from './support/profiles.mjs';
import { SessionServer } from './support/session-server.mjs';
import { show } from './support/visit.mjs';

/**
 * Runs every behaviour, as page code, on a phone as documented: in V8 with four sets of globals, and in other engines.
 */

const { packed, stack } = world();
let races;
before(async () => {
  races = await SessionServer.start();
});
after(() => races?.close());

const profile = facts.defaultProfile();

/** Behaviours that change what all users share run alone, after the others. Each group has its own sandbox users. */
for (const [group, engines] of [
  ['V8', ENGINES],
  ['engines of another make', REAL_ENGINES],
]) {
  for (const alone of [false, true]) {
    describe(`${group}, ${alone ? 'one at a time' : 'side by side'}`, { concurrency: alone ? 1 : 8 }, () => {
      before(() => setGateway(stack().urls, profile));
      for (const { engine, apis, behaviour } of everything(engines).filter((visit) => Boolean(visit.behaviour.alone) === alone)) {
        test(`${engines === ENGINES ? `V8 (${engine})` : engine}, ${apis} calls: ${behaviour.name}`, () =>
          show({ engine, apis, profile, folder: packed().folder, urls: stack().urls, races: races.url }, behaviour));
      }
    });
  }
}
