// Measures session checks by an app (GET /session) and by a back-end (POST /introspect) against the peer on the same stores, one after another
// and 32 at once.

import { readFile } from 'node:fs/promises';
import { median, medianRatio } from '../support/figures.mjs';
import { bearers } from './fill.mjs';
import { put } from './load.mjs';

const ROUNDS = 11;
const SECONDS = '1';

/** Requests under way at once. */
const CONNECTIONS = [1, 32];

/** The number of users logged in at the peer. */
const PEER_SESSIONS = 200;

/** The limit for a check's processor time divided by the peer's, with a database over the network and many checks at once. */
const OVER_PEER = 0.5;

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store with so many sessions
 * @param {number} sessions
 * @param {import('./world.mjs').Store | string} peers the peer's store
 */
export async function measureSessions(world, store, sessions, peers) {
  const { authorization, hash } = world.backend(store);
  const servers = { miniauth: await world.serve(store), peer: await world.peer(peers, hash) };
  const tokens = { miniauth: bearers(sessions), peer: await logIn(world, servers.peer) };
  const figures = [];
  for (const [path, asked, option, lineOf] of [
    ['/session', 'GET /session', ['--bearers'], (token) => token],
    ['/introspect', 'POST /introspect', ['--authorization', authorization, '--forms'], (token) => `token=${token}`],
  ]) {
    const files = {};
    for (const name of Object.keys(servers)) files[name] = await world.write(`${name}${path}`.replace('/', '-'), tokens[name].map(lineOf));
    const round = (name, connections) => {
      const args = ['--seconds', SECONDS, '--connections', String(connections), ...option, files[name]];
      return put({ program: world.load, server: servers[name], path, args });
    };
    figures.push(...(await measure(round, (connections) => `${asked}, ${store.name}, ${connections} at once`, store.processes)));
  }
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  return figures;
}

async function measure(round, groupOf, networked) {
  const figures = [];
  for (const connections of CONNECTIONS) {
    const rounds = { miniauth: [], peer: [] };
    // The first round of each finds no compiled code and no cache.
    for (let index = -1; index < ROUNDS; index += 1) {
      for (const name of Object.keys(rounds)) {
        const one = await round(name, connections);
        if (index >= 0) rounds[name].push(one);
      }
    }
    figures.push(...summary(rounds, groupOf(connections), networked, networked && connections > 1 && { at_most: OVER_PEER }));
  }
  return figures;
}

/** The peer can only create sessions by logins. */
export async function logIn(world, server) {
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

function summary({ miniauth, peer }, group, networked, wanted) {
  const all = (rounds, what) => rounds.map((one) => one[what]);
  const of = (rounds, what) => median(all(rounds, what));
  const figure = (name, what, unit, judged) => ({
    group,
    name,
    value: of(miniauth, what),
    unit,
    ratio: medianRatio(all(miniauth, what), all(peer, what)),
    against: `Fastify: ${of(peer, what).toFixed(unit === '/s' ? 0 : 1)} ${unit}`,
    ...judged,
  });
  const time = `processor time of a request${networked ? ', databases included' : ''}`;
  const alone = networked ? [figure('processor time of the server alone', 'alone', 'µs')] : [];
  return [figure(time, 'cpu', 'µs', wanted), ...alone, figure('requests', 'perSecond', '/s')];
}
