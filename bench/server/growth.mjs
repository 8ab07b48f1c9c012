// Measures the server's work with a thousand users and with a million, and its memory and start.

import { median, medianRatio } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

/** The numbers of users in the databases, each with both ids, a member, a grant and a session. */
export const SIZES = [1_000, 100_000, 1_000_000];
const ROUNDS = 5;
const SECONDS = '3';
const LOGINS = 300;

/** New users in a round; the sandbox holds a thousand. */
const NEW_USERS = 190;

/** The limit for the last size's cost divided by the first's. */
const WANTED = 1.3;

/** The measured operations, in microseconds of processor time. */
const WORK = {
  'session check': (world, one) => asked(world, one, '/session'),
  'member read': (world, one) => asked(world, one, '/member'),
  'login that reads the member': async (world, one) => posted(world, one, await world.logins(LOGINS)),
  'silent login of a new user, named by both ids': (world, one, fresh) => silent(world, one, fresh),
  'silent login of a known user, named by both ids': (world, one, fresh) => silent(world, one, [...fresh, ...fresh]),
};

/**
 * Measures the sizes in turn, so that other load on the machine affects all of them alike.
 *
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store[]} stores an empty one for each of {@link SIZES}; full afterwards
 */
export async function measureGrowth(world, stores) {
  await world.control('PUT', 'profiles', { profile: 'ids:both' });
  const sizes = [];
  for (const [index, size] of SIZES.entries()) sizes.push(await filled(world, stores[index], size));
  for (const one of sizes) await asked(world, one, '/session');
  const users = await world.users(ROUNDS * NEW_USERS);
  const costs = Object.fromEntries(Object.keys(WORK).map((work) => [work, sizes.map(() => [])]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const fresh = users.slice(round * NEW_USERS, (round + 1) * NEW_USERS);
    for (const [work, measure] of Object.entries(WORK)) {
      for (const [index, one] of sizes.entries()) costs[work][index].push(await measure(world, one, fresh));
    }
  }
  const { memory, startTime } = sizes.at(-1).server;
  await Promise.all(sizes.map(({ server }) => server.stop()));
  await world.control('PUT', 'profiles', { profile: '' });
  const [{ name }] = stores;
  return [
    ...Object.entries(costs).flatMap(([work, ofSizes]) => figures(`Growth, ${name}: ${work}`, ofSizes)),
    ...atEnd(name, { memory, startTime }),
  ];
}

/** Starts a server with so many users. */
async function filled(world, store, size) {
  // The server creates the tables.
  await (await world.serve(store)).stop();
  await store.fill(0, size);
  const file = await world.write(`bearers-${size}`, bearers(size));
  return { server: await world.serve(store), bearers: file };
}

async function asked(world, { server, bearers: file }, path) {
  return (await put({ program: world.load, server, path, args: ['--seconds', SECONDS, '--bearers', file] })).cpu;
}

async function posted(world, { server }, bodies) {
  const args = ['--connections', '16', '--seconds', '600', '--bodies', bodies];
  return (await put({ program: world.load, server, path: '/auth', args })).cpu;
}

async function silent(world, one, users) {
  return posted(world, one, await world.logins(users.length, { users, scope: 'auth_base' }));
}

/** @param {string} group @param {number[][]} costs of each size in each round */
function figures(group, costs) {
  return costs.map((cost, index) => ({
    group,
    name: `among ${SIZES[index].toLocaleString('en')} users`,
    value: median(cost),
    unit: 'µs',
    ...(index > 0 && {
      ratio: medianRatio(cost, costs[0]),
      against: `among ${SIZES[0].toLocaleString('en')}, of each round, the median`,
    }),
    ...(index === SIZES.length - 1 && { at_most: WANTED }),
  }));
}

function atEnd(name, { memory, startTime }) {
  return [
    { group: 'Memory', name: `miniauth, a million sessions in ${name}, after the load`, value: memory, unit: 'MB' },
    { group: 'Start to ready', name: `miniauth, a million sessions in ${name}`, value: startTime, unit: 'ms' },
  ];
}
