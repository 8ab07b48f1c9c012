import { after, before, describe, test } from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { HOSTS, PROFILES as ENGINES } from '../bare/support/engine.mjs';
import { world } from '../bare/support/world.mjs';
import { behaviours } from './support/list.mjs';
import { SessionServer } from './support/session-server.mjs';
import { show } from './support/visit.mjs';

/** Every behaviour, as page code in every bare engine, on a phone as the documents describe it. */

const { packed, stack } = world();
let races;
before(async () => {
  races = await SessionServer.start();
});
after(() => races?.close());

/** Behaviours that change what all users share come by themselves, after the others. */
for (const alone of [false, true]) {
  describe(alone ? 'one at a time' : 'side by side', { concurrency: alone ? 1 : 8 }, () => {
    for (const engine of ENGINES) {
      for (const behaviour of behaviours.filter((of) => Boolean(of.alone) === alone)) {
        const { name, apis = ['current'], hosts = [HOSTS[engine]] } = behaviour;
        if (!hosts.includes(HOSTS[engine])) continue;
        for (const generation of apis) {
          test(`${engine}, ${generation} calls: ${name}`, () => {
            const profile = facts.defaultProfile();
            return show({ engine, apis: generation, profile, folder: packed().folder, urls: stack().urls, races: races.url }, behaviour);
          });
        }
      }
    }
  });
}
