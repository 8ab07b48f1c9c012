// What a session check and a login cost among a thousand and among a million members; memory and start on the way.

import { median } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

const SIZES = [1_000, 100_000, 1_000_000];
const ROUNDS = 3;
const SECONDS = '3';
const LOGINS = 300;

/** The last size's cost over the first one's. */
const WANTED = 1.3;

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store an empty one, which is full afterwards
 */
export async function measureGrowth(world, store) {
  const { name } = store;
  const sizes = [];
  let filled = 0;
  for (const size of SIZES) {
    // The server makes the tables.
    await (await world.serve(store)).stop();
    await store.fill(filled, size);
    filled = size;
    sizes.push({ size, ...(await at(world, store, size)) });
  }
  return [...figures(`Growth, ${name}: session check`, 'check', sizes), ...figures(`Growth, ${name}: login`, 'login', sizes), ...atEnd(name, sizes.at(-1))];
}

async function at(world, store, size) {
  const server = await world.serve(store);
  const file = await world.write('bearers', bearers(size));
  const check = () => put({ program: world.load, server, path: '/session', args: ['--seconds', SECONDS, '--bearers', file] });
  const login = async () => {
    const args = ['--connections', '16', '--seconds', '600', '--bodies', await world.logins(LOGINS)];
    return put({ program: world.load, server, path: '/auth', args });
  };
  await check();
  const [checks, logins] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    checks.push(await check());
    logins.push(await login());
  }
  const { memory, startTime } = server;
  await server.stop();
  const cpu = (rounds) => median(rounds.map((one) => one.cpu));
  return { check: cpu(checks), login: cpu(logins), memory, startTime };
}

function figures(group, what, sizes) {
  const [first] = sizes;
  return sizes.map((one, index) => ({
    group,
    name: `among ${one.size.toLocaleString('en')} members`,
    value: one[what],
    unit: 'µs',
    ...(one !== first && { ratio: one[what] / first[what], against: `among ${first.size.toLocaleString('en')}` }),
    ...(index === sizes.length - 1 && { at_most: WANTED }),
  }));
}

function atEnd(name, { memory, startTime }) {
  return [
    { group: 'Memory', name: `miniauth, a million sessions in ${name}, after the load`, value: memory, unit: 'MB' },
    { group: 'Start to ready', name: `miniauth, a million sessions in ${name}`, value: startTime, unit: 'ms' },
  ];
}
