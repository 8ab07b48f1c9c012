import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseProfile } from '../../platform/index.mjs';
import { behaviours } from './support/list.mjs';
import { chosenForBrowser, everywhere } from './support/profiles.mjs';
import { Stage } from './support/stage.mjs';
import { outcomesOf, panelsOf } from './support/visit.mjs';

/**
 * Runs every behaviour in Chromium: the packed package in a mini-program in the simulator, with WebAssembly, and in turn without it or in a
 * Worker; with `--long` all three. Chromium's engine is V8, where bare.test.mjs runs each behaviour on all hosts.
 */

const HOSTS = ['wasm', 'plain', 'worker'];

/** Returns the requested hosts on which the behaviour with this number runs. */
function hostsOf({ hosts = HOSTS }, number, wanted) {
  const possible = wanted.filter((host) => hosts.includes(host));
  if (everywhere || possible.length < HOSTS.length) return possible;
  return ['wasm', ['plain', 'worker'][number % 2]];
}

/** The number of phones used concurrently: a visit consists mostly of waiting. */
const SIDE_BY_SIDE = 3;

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

for (const { profile, hosts: wanted = HOSTS } of chosenForBrowser()) {
  const inForce = parseProfile(profile);
  const visits = behaviours.flatMap((behaviour, number) =>
    hostsOf(behaviour, number, wanted).flatMap((host) =>
      // A base library without my.request has no Workers either.
      (behaviour.apis ?? ['current'])
        .filter((of) => of === 'current' || host !== 'worker')
        .map((generation) => ({ host, generation, behaviour })),
    ),
  );
  const show = ({ host, generation, behaviour: { name, panels, again } }) =>
    test(`Chromium, ${host}, ${generation} calls${profile && `, ${profile}`}: ${name}`, async () => {
      const phone = await stage.phone(generation, profile);
      await phone.show(host, name, 'run', outcomesOf(inForce));
      let seen = await phone.panels();
      if (again) {
        await phone.restart();
        await phone.show(host, name, 'again', outcomesOf(inForce));
        seen += await phone.panels();
      }
      assert.equal(seen, panelsOf({ panels }, inForce), 'consent panels');
      await stage.handBack(phone);
    });
  describe(profile || 'on a platform as the documents describe it', { concurrency: SIDE_BY_SIDE }, () => {
    before(() => stage.startAfresh(inForce));
    visits.filter(({ behaviour }) => !behaviour.alone).forEach(show);
  });
  describe(`${profile || 'on a platform as the documents describe it'}: behaviours that change shared state`, () => {
    visits.filter(({ behaviour }) => behaviour.alone).forEach(show);
  });
}
