import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { formatProfile, parseProfile } from '../../platform/index.mjs';
import { behaviours } from './support/list.mjs';
import { chosenForBrowser } from './support/profiles.mjs';
import { Stage } from './support/stage.mjs';
import { outcomesOf, panelsOf } from './support/visit.mjs';

/** Every behaviour, in Chromium: the packed package in a mini-program that the simulator runs, on every host. */

const HOSTS = ['wasm', 'plain', 'worker'];

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

for (const { profile, hosts: wanted = HOSTS } of chosenForBrowser()) {
  const inForce = parseProfile(profile);
  // What only the gateway does, no browser can matter for.
  if (profile !== '' && formatProfile(inForce, 'simulator') === '') continue;
  for (const host of wanted) {
    for (const { name, panels, again, apis = ['current'], hosts = HOSTS } of behaviours) {
      if (!hosts.includes(host)) continue;
      // A base library without my.request has no Workers either.
      for (const generation of apis.filter((of) => of === 'current' || host !== 'worker')) {
        test(`Chromium, ${host}, ${generation} calls${profile && `, ${profile}`}: ${name}`, async () => {
          const phone = await stage.phone(generation, profile);
          try {
            await phone.show(host, name, 'run', outcomesOf(inForce));
            let seen = await phone.panels();
            if (again) {
              await phone.restart();
              await phone.show(host, name, 'again', outcomesOf(inForce));
              seen += await phone.panels();
            }
            assert.equal(seen, panelsOf({ panels }, inForce), 'consent panels');
          } finally {
            await phone.close();
          }
        });
      }
    }
  }
}
