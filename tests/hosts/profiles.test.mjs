import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { ENGINES } from '../bare/support/engine.mjs';
import { world } from '../bare/support/world.mjs';
import { showAll } from './support/pool.mjs';
import { everywhere, seed, setGateway, variations } from './support/profiles.mjs';
import { SessionServer } from './support/session-server.mjs';

/**
 * Runs every behaviour in V8 on phones that differ from the documents: in random combinations of profiles, each with one of the
 * four sets of globals, so that together they cover each behaviour with each set. With `--long`, also each alternative alone,
 * with all sets of globals.
 */

/** All requests come from one address, at a few hundred per second. */
const { packed, stack } = world({ MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000' });
let races;
before(async () => {
  races = await SessionServer.start();
});
after(() => races?.close());

for (const [index, text] of variations().entries()) {
  test(`${text || 'the default'}: every behaviour`, async (context) => {
    context.diagnostic(`drawn with --profiles ${seed}`);
    const profile = facts.parseProfile(text);
    const { urls } = stack();
    await setGateway(urls, profile);
    // What only the gateway does is the same in every engine.
    const engines = facts.formatProfile(profile, 'simulator') === '' ? ['iOS'] : ENGINES;
    const inTurn = everywhere ? undefined : index;
    const { shown, failures } = await showAll({ engines, inTurn, profile, folder: packed().folder, urls, races: races.url });
    context.diagnostic(`${shown} shown`);
    assert.deepEqual(failures, []);
  });
}
