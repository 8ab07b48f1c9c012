// Measures memory at rest and with many open connections, and the time to start.

import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../../simulator/stack/program.mjs';
import { median } from '../support/figures.mjs';
import { OTHERS, pinned } from './processes.mjs';

const CONNECTIONS = 10_000;
const STARTS = 5;

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store an empty one
 */
export async function measureRest(world, store) {
  const contestants = {
    miniauth: () => world.serve(store),
    'Fastify with the official SDK': () => world.peer('peer-rest.db'),
  };
  const measured = {};
  for (const [name, begin] of Object.entries(contestants)) measured[name] = await measure(world, begin);
  const [[ours, base], [theirs, peer]] = Object.entries(measured);
  return ['rest', 'connected', 'start'].flatMap((what) => {
    const { group, suffix, unit } = TITLES[what];
    return [
      { group, name: `${ours}, ${suffix}`, value: base[what], unit, ratio: base[what] / peer[what], against: theirs },
      { group, name: `${theirs}, ${suffix}`, value: peer[what], unit },
    ];
  });
}

const TITLES = {
  rest: { group: 'Memory', suffix: 'at rest', unit: 'MB' },
  connected: { group: 'Memory', suffix: `${CONNECTIONS.toLocaleString('en')} connections open`, unit: 'MB' },
  start: { group: 'Start to ready', suffix: 'empty database', unit: 'ms' },
};

async function measure(world, begin) {
  const starts = [];
  for (let round = 1; round < STARTS; round += 1) {
    const server = await begin();
    starts.push(server.startTime);
    await server.stop();
  }
  const server = await begin();
  starts.push(server.startTime);
  await sleep(1_000);
  const rest = server.memory;
  const command = [world.load, server.url, '--connections', String(CONNECTIONS), '--idle', '5'];
  const client = new Program(pinned(OTHERS, command));
  await client.line(/./);
  await sleep(2_000);
  const connected = server.memory;
  await client.ended;
  await server.stop();
  return { rest, connected, start: median(starts) };
}
