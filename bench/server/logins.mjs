// Measures a login: exchanging the code, reading user information, storing member and session.

import { put } from './load.mjs';
import { median, medianRatio } from '../support/figures.mjs';

const ROUNDS = 11;
const LOGINS = 600;

/** Requests under way at once. */
const AT_ONCE = '16';

/** The limits for a login's processor time, divided by two signatures and two verifications, and by the peer's. */
const OVER_FLOOR = 1.5;
const OVER_PEER = 1 / 3;

/** Logs in at a ready server, in one round after a first one that does not count. */
async function round(world, server, logins) {
  const file = await world.logins(logins);
  const args = ['--connections', AT_ONCE, '--bodies', file, '--seconds', '600'];
  return put({ program: world.load, server, path: '/auth', args });
}

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store
 */
export async function measureLogins(world, store) {
  const servers = { miniauth: await world.serve(store), peer: await world.peer('peer.db') };
  const rounds = { miniauth: [], peer: [] };
  const floors = [];
  // Compiled, connected and warm.
  for (const server of Object.values(servers)) await round(world, server, LOGINS);
  for (let index = 0; index < ROUNDS; index += 1) {
    const before = world.floor();
    rounds.miniauth.push(await round(world, servers.miniauth, LOGINS));
    floors.push((before + world.floor()) / 2);
    rounds.peer.push(await round(world, servers.peer, LOGINS));
  }
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  return summary(rounds, floors);
}

function summary({ miniauth, peer }, floors) {
  const all = (rounds, what) => rounds.map((one) => one[what]);
  const of = (rounds, what) => median(all(rounds, what));
  const both = (name, what, scale, unit, wanted) => ({
    group: 'Login',
    name,
    value: of(miniauth, what) / scale,
    unit,
    ratio: medianRatio(all(miniauth, what), all(peer, what)),
    against: `Fastify with the official SDK: ${Math.round(of(peer, what) / scale)} ${unit}`,
    ...wanted,
  });
  return [
    {
      group: 'Login',
      name: 'processor time, over signatures',
      value: of(miniauth, 'cpu'),
      unit: 'µs',
      ratio: medianRatio(all(miniauth, 'cpu'), floors),
      against: `two signatures and two verifications: ${Math.round(median(floors))} µs, of each round, the median`,
      at_most: OVER_FLOOR,
    },
    both('processor time, over the peer', 'cpu', 1, 'µs', { at_most: OVER_PEER }),
    both('logins, 16 at once', 'perSecond', 1, '/s'),
    both('the slowest of a hundred (p99)', 'p99', 1e3, 'ms'),
    {
      group: 'Login',
      name: "the load generator's share of its processor",
      value: Math.max(...[...miniauth, ...peer].map(({ own }) => own)) * 100,
      unit: '%',
    },
  ];
}
