import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { HOSTS, PROFILES } from '../bare/support/engine.mjs';
import { withStorage } from '../bare/support/platform.mjs';
import { tap, world } from '../bare/support/world.mjs';
import { BEHAVIOURS, RACES, behaviours } from './support/list.mjs';
import { SessionServer } from './support/session-server.mjs';

/** Every behaviour, as page code in every bare engine. */

const { visit } = world();
let races;
before(async () => {
  races = await SessionServer.start();
});
after(() => races?.close());

for (const profile of PROFILES) {
  for (const behaviour of behaviours) {
    const { name, panels, apis = ['current'], hosts = [HOSTS[profile]] } = behaviour;
    if (!hosts.includes(HOSTS[profile])) continue;
    for (const generation of apis) {
      test(`${profile}, ${generation} calls: ${name}`, async () => {
        const { platform, engine, restart } = await visit(profile, generation);
        platform.origins[RACES] = races.url;
        withStorage(platform.my);
        await run(behaviour, 'run', profile, platform, engine);
        // The app is started again: its code is loaded anew, on the same phone.
        if (behaviour.again) await run(behaviour, 'again', profile, platform, restart());
        assert.equal(platform.panels, panels, 'consent panels');
      });
    }
  }
}

function run(behaviour, phase, profile, platform, engine) {
  const page = (file) => engine.load(path.join(BEHAVIOURS, file));
  const { createAuth } = engine.require();
  const app = page('harness.js').harness({
    my: { ...platform.my },
    host: HOSTS[profile],
    createAuth: (options) => createAuth({ ...options, ...engine.options }),
    tap: async (button) => {
      if (button !== 'authorise') return tap();
      await platform.askPerson();
      return tap({ type: 'getAuthorize' });
    },
    person: (decision) => {
      platform.decision = decision;
    },
  });
  return page('index.js').behaviours.find(({ name }) => name === behaviour.name)[phase](app);
}
