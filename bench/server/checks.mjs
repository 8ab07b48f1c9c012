// Measures a session check: a handler with a session against the same handler without, and against the peer.

import { median, medianRatio } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

const ROUNDS = 15;
const SECONDS = '1';

/** The limit for requests per second with the check divided by those without, with cached sessions. */
const WANTED = 0.8;

export const SESSIONS = 1_000;

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store with {@link SESSIONS} sessions or more
 * @param {number} [staleness] seconds for which a session is cached
 */
export async function measureChecks(world, store, staleness = 0) {
  const file = await world.write('bearers', bearers(SESSIONS));
  const app = await world.app(store, staleness);
  const round = (path) => put({ program: world.load, server: app, path, args: ['--seconds', SECONDS, '--bearers', file] });
  // The first requests find no database connection and no cache.
  await round('/checked');
  const rounds = { plain: [], checked: [] };
  for (let index = 0; index < ROUNDS; index += 1) {
    rounds.plain.push(await round('/plain'));
    rounds.checked.push(await round('/checked'));
  }
  await app.stop();
  return summary(rounds, store, staleness);
}

function summary({ plain, checked }, { name, processes }, staleness) {
  const all = (rounds, what) => rounds.map((one) => one[what]);
  const of = (rounds, what) => median(all(rounds, what));
  const ratio = (what) => medianRatio(all(checked, what), all(plain, what));
  const group = `Session check, ${name}, ${staleness ? `at most ${staleness} s old` : 'always read'}`;
  const against = (text) => `the same handler without: ${text}`;
  return [
    {
      group,
      name: 'requests of a handler with a session',
      value: of(checked, 'perSecond'),
      unit: '/s',
      ratio: ratio('perSecond'),
      against: against(`${Math.round(of(plain, 'perSecond'))} /s`),
      ...(staleness && { at_least: WANTED }),
    },
    {
      group,
      name: 'the slowest of a hundred (p99)',
      value: of(checked, 'p99') / 1e3,
      unit: 'ms',
      ratio: ratio('p99'),
      against: against(`${(of(plain, 'p99') / 1e3).toFixed(2)} ms`),
    },
    {
      group,
      name: `processor time of a request${processes ? ', databases included' : ''}`,
      value: of(checked, 'cpu'),
      unit: 'µs',
      ratio: ratio('cpu'),
      against: against(`${of(plain, 'cpu').toFixed(1)} µs`),
    },
    {
      group,
      name: "the load generator's share of its processor",
      value: Math.max(...[...plain, ...checked].map(({ own }) => own)) * 100,
      unit: '%',
    },
  ];
}
