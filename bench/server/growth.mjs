// What a session check and a login cost among a thousand and among a million members; memory and start on the way.

import { median, medianRatio } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

/** Members of the databases, each with a session. */
export const SIZES = [1_000, 100_000, 1_000_000];
const ROUNDS = 5;
const SECONDS = '3';
const LOGINS = 300;

/** The last size's cost over the first one's. */
const WANTED = 1.3;

/**
 * Takes the sizes in turns, so that all of them see the same machine, whatever else it does.
 *
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store[]} stores an empty one for each of {@link SIZES}, which are full afterwards
 */
export async function measureGrowth(world, stores) {
  const sizes = [];
  for (const [index, size] of SIZES.entries()) sizes.push(await filled(world, stores[index], size));
  for (const one of sizes) await check(world, one);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of sizes) {
      one.check.push(await check(world, one));
      one.login.push(await login(world, one));
    }
  }
  const { memory, startTime } = sizes.at(-1).server;
  await Promise.all(sizes.map(({ server }) => server.stop()));
  const [{ name }] = stores;
  return [
    ...figures(`Growth, ${name}: session check`, 'check', sizes),
    ...figures(`Growth, ${name}: login`, 'login', sizes),
    ...atEnd(name, { memory, startTime }),
  ];
}

/** A server over so many members. */
async function filled(world, store, size) {
  // The server makes the tables.
  await (await world.serve(store)).stop();
  await store.fill(0, size);
  const file = await world.write(`bearers-${size}`, bearers(size));
  return { size, server: await world.serve(store), bearers: file, check: [], login: [] };
}

/** Microseconds of processor time. */
async function check(world, { server, bearers: file }) {
  return (await put({ program: world.load, server, path: '/session', args: ['--seconds', SECONDS, '--bearers', file] })).cpu;
}

async function login(world, { server }) {
  const args = ['--connections', '16', '--seconds', '600', '--bodies', await world.logins(LOGINS)];
  return (await put({ program: world.load, server, path: '/auth', args })).cpu;
}

function figures(group, what, sizes) {
  const [first] = sizes;
  return sizes.map((one, index) => ({
    group,
    name: `among ${one.size.toLocaleString('en')} members`,
    value: median(one[what]),
    unit: 'µs',
    ...(one !== first && {
      ratio: medianRatio(one[what], first[what]),
      against: `among ${first.size.toLocaleString('en')}, of each round, the median`,
    }),
    ...(index === sizes.length - 1 && { at_most: WANTED }),
  }));
}

function atEnd(name, { memory, startTime }) {
  return [
    { group: 'Memory', name: `miniauth, a million sessions in ${name}, after the load`, value: memory, unit: 'MB' },
    { group: 'Start to ready', name: `miniauth, a million sessions in ${name}`, value: startTime, unit: 'ms' },
  ];
}
