import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { behaviours } from './support/list.mjs';
import { Stage } from './support/stage.mjs';

/** Every behaviour, in Chromium: the packed package in a mini-program that the simulator runs, on every host. */

const HOSTS = ['wasm', 'plain', 'worker'];

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

for (const host of HOSTS) {
  for (const { name, panels, again, apis = ['current'], hosts = HOSTS } of behaviours) {
    if (!hosts.includes(host)) continue;
    // A base library without my.request has no Workers either.
    for (const generation of apis.filter((of) => of === 'current' || host !== 'worker')) {
      test(`Chromium, ${host}, ${generation} calls: ${name}`, async () => {
        const phone = await stage.phone(generation);
        try {
          await phone.show(host, name, 'run');
          let seen = await phone.panels();
          if (again) {
            await phone.restart();
            await phone.show(host, name, 'again');
            seen += await phone.panels();
          }
          assert.equal(seen, panels, 'consent panels');
        } finally {
          await phone.close();
        }
      });
    }
  }
}
