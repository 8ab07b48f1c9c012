// What a check of a session costs as an app asks for it, GET /session, beside the peer: one after another, and 32 at once.

import { readFile } from 'node:fs/promises';
import { median, medianRatio } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

const ROUNDS = 11;
const SECONDS = '1';

/** Requests under way at once. */
const CONNECTIONS = [1, 32];

/** Users who are logged in at the peer. */
const PEER_SESSIONS = 200;

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store with so many sessions
 * @param {number} sessions
 */
export async function measureSessions(world, store, sessions) {
  const servers = { miniauth: await world.serve(store), peer: await world.peer('peer-sessions.db') };
  const files = {
    miniauth: await world.write('session-bearers', bearers(sessions)),
    peer: await world.write('peer-bearers', await logIn(world, servers.peer)),
  };
  const round = (name, connections) => {
    const args = ['--seconds', SECONDS, '--connections', String(connections), '--bearers', files[name]];
    return put({ program: world.load, server: servers[name], path: '/session', args });
  };
  const figures = [];
  for (const connections of CONNECTIONS) {
    const rounds = { miniauth: [], peer: [] };
    // The first round of each finds nothing compiled and nothing in memory.
    for (let index = -1; index < ROUNDS; index += 1) {
      for (const name of Object.keys(rounds)) {
        const one = await round(name, connections);
        if (index >= 0) rounds[name].push(one);
      }
    }
    figures.push(...summary(rounds, connections));
  }
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  return figures;
}

/** The peer makes sessions by logging in alone. */
async function logIn(world, server) {
  const bodies = (await readFile(await world.logins(PEER_SESSIONS), 'utf8')).trim().split('\n');
  const headers = { 'content-type': 'application/json' };
  const tokens = [];
  for (const body of bodies) {
    const answer = await fetch(`${server.url}/auth`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`the peer: ${answer.status} ${await answer.text()}`);
    tokens.push((await answer.json()).session);
  }
  return tokens;
}

function summary({ miniauth, peer }, connections) {
  const all = (rounds, what) => rounds.map((one) => one[what]);
  const of = (rounds, what) => median(all(rounds, what));
  const figure = (name, what, unit) => ({
    group: `Session check, GET /session, ${connections} at once`,
    name,
    value: of(miniauth, what),
    unit,
    ratio: medianRatio(all(miniauth, what), all(peer, what)),
    against: `Fastify: ${of(peer, what).toFixed(unit === '/s' ? 0 : 1)} ${unit}`,
  });
  return [figure('processor time of a request', 'cpu', 'µs'), figure('requests', 'perSecond', '/s')];
}
