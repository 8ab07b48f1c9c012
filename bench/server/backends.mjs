// Measures two ways for a back-end to trust a session without asking itself: verifying a signed token, and nginx, which asks before it
// passes a request on. (POST /introspect is in sessions.mjs.)

import { createPublicKey, verify } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startNginx } from '../../tests/support/nginx.mjs';
import { freeAddress } from '../../tests/support/ports.mjs';
import { median, medianRatio } from '../support/figures.mjs';
import { bearer, bearers } from './fill.mjs';
import { put } from './load.mjs';
import { CAN_PIN, MEASURED, processorTime } from './processes.mjs';
import { logIn } from './sessions.mjs';

const ROUNDS = 11;
const SECONDS = '1';
const VERIFICATIONS = 1_000;
const CONF = path.join(import.meta.dirname, '../../examples/backends/nginx/nginx.conf');
const PEER = path.join(import.meta.dirname, 'peer/package.json');

/**
 * Measures jose's `jwtVerify`, as the example back-end in Node calls it, against the bare signature by node:crypto; and, in turn, jsonwebtoken
 * in Rust against the bare signature by aws-lc-rs.
 *
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store with sessions
 */
export async function measureVerification(world, store) {
  const server = await world.serve(store);
  const jose = await import(pathToFileURL(createRequire(PEER).resolve('jose')).href);
  const headers = { authorization: `Bearer ${bearer(0)}`, 'content-type': 'application/json' };
  const issued = await fetch(`${server.url}/session/token`, { method: 'POST', headers, body: '{"audience":"bench"}' });
  if (!issued.ok) throw new Error(`no token: ${issued.status} ${await issued.text()}`);
  const { token } = await issued.json();
  const list = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
  const keys = jose.createLocalJWKSet(list);
  const wanted = { algorithms: ['ES256'], audience: 'bench', issuer: 'miniauth', requiredClaims: ['sub', 'exp'] };

  await server.stop();
  const [header, claims, signature] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
  const key = { key: createPublicKey({ key: list.keys.find((one) => one.kid === kid), format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  const [signed, bytes] = [Buffer.from(`${header}.${claims}`), Buffer.from(signature, 'base64url')];

  const ways = {
    jose: async () => (await jose.jwtVerify(token, keys, wanted)).payload.sub.length > 0,
    bare: () => verify('sha256', signed, key, bytes),
  };
  const rounds = { jose: [], bare: [], jsonwebtoken: [], bareInRust: [] };
  const file = await world.write('jwks.json', [JSON.stringify(list)]);
  for (let index = -1; index < ROUNDS; index += 1) {
    if (index >= 0) {
      const { verified, bare } = world.verify(token, file, 'bench');
      rounds.jsonwebtoken.push(verified);
      rounds.bareInRust.push(bare);
    }
    for (const [name, way] of Object.entries(ways)) {
      const before = process.cpuUsage();
      for (let count = 0; count < VERIFICATIONS; count += 1) if (!(await way())) throw new Error(`${name} refused a good token`);
      const { user, system } = process.cpuUsage(before);
      if (index >= 0) rounds[name].push((user + system) / VERIFICATIONS);
    }
  }
  return [
    {
      group: 'A signed token, verified by a back-end',
      name: 'processor time, in Node by jose',
      value: median(rounds.jose),
      unit: 'µs',
      ratio: medianRatio(rounds.jose, rounds.bare),
      against: `the signature alone, node:crypto: ${median(rounds.bare).toFixed(1)} µs`,
    },
    {
      group: 'A signed token, verified by a back-end',
      name: 'processor time, in Rust by jsonwebtoken',
      value: median(rounds.jsonwebtoken),
      unit: 'µs',
      ratio: medianRatio(rounds.jsonwebtoken, rounds.bareInRust),
      against: `the signature alone, aws-lc-rs: ${median(rounds.bareInRust).toFixed(1)} µs`,
    },
    {
      group: 'A signed token, verified by a back-end',
      name: 'processor time, in Rust over that in Node',
      value: median(rounds.jsonwebtoken),
      unit: 'µs',
      ratio: medianRatio(rounds.jsonwebtoken, rounds.jose),
      against: `jose: ${median(rounds.jose).toFixed(1)} µs`,
    },
  ];
}

/**
 * Measures the example's nginx: without a check, asking miniauth, and asking the peer. Its back-end is nginx itself, in the same process.
 *
 * @param {import('./world.mjs').World} world
 * @param {import('./world.mjs').Store} store with so many sessions
 * @param {number} sessions
 * @param {import('./world.mjs').Store | string} peers the peer's store
 */
export async function measureForwardAuth(world, store, sessions, peers) {
  const [miniauth, peer] = [await world.serve(store), await world.peer(peers)];
  const folder = world.at('nginx');
  await mkdir(folder, { recursive: true });
  const [front, back] = [await freeAddress(), await freeAddress()];
  const host = (server) => new URL(server.url).host;
  const conf = await readFile(CONF, 'utf8');
  const location = (name, question) => {
    const [whole] = /^ {8}location \/ \{[^]*?^ {8}\}\n/m.exec(conf);
    return whole.replace('location /', `location = /${name}`).replace('auth_request /_session;', question);
  };
  const asked = /^ {8}location = \/_session \{[^]*?^ {8}\}\n/m.exec(conf)[0];
  const others = [
    location('open', ''),
    location('peer', 'auth_request /_peer;'),
    asked.replace('/_session', '/_peer').replace('http://miniauth/forward-auth', 'http://peer/session'),
  ];
  const backend = `server { listen ${back}; keepalive_requests 1000000000; location / { default_type text/plain; return 200 "hello\\n"; } }`;
  const after = [];
  const nginx = await startNginx(
    { after: (end) => after.push(end) },
    {
      folder,
      conf,
      words: {
        'worker_processes 1;': `worker_processes 1;${CAN_PIN ? ` worker_cpu_affinity ${1 << Number(MEASURED)};` : ''}`,
        'upstream miniauth { server 127.0.0.1:8701; keepalive 16; }': `upstream miniauth { server ${host(miniauth)}; keepalive 32; }\n    upstream peer { server ${host(peer)}; keepalive 32; }`,
        'server 127.0.0.1:8080; keepalive 16;': `server ${back}; keepalive 32;`,
        '    server {\n        listen 127.0.0.1:8000;': `    keepalive_requests 1000000000;\n    ${backend}\n    server {\n        listen ${front};`,
        '        # Everything else goes': `${others.join('\n')}\n        # Everything else goes`,
      },
      ask: () => fetch(`http://${front}/`),
    },
  );
  const whole = (server) => ({
    url: `http://${front}`,
    get cpu() {
      return processorTime(nginx.pid) + (server?.cpu ?? 0);
    },
    get complaints() {
      return nginx.log + (server?.complaints ?? '');
    },
  });
  const own = await world.write('forward-bearers', bearers(sessions));
  const ways = {
    open: { server: whole(), path: '/open', file: own },
    miniauth: { server: whole(miniauth), path: '/checked', file: own },
    peer: { server: whole(peer), path: '/peer', file: await world.write('forward-peer', await logIn(world, peer)) },
  };
  const rounds = { open: [], miniauth: [], peer: [] };
  for (let index = -1; index < ROUNDS; index += 1) {
    for (const [name, { server, path: where, file }] of Object.entries(ways)) {
      const one = await put({ program: world.load, server, path: where, args: ['--seconds', SECONDS, '--bearers', file] });
      if (index >= 0) rounds[name].push(one);
    }
  }
  await Promise.all([...after.map((end) => end()), miniauth.stop(), peer.stop()]);

  const all = (name, what) => rounds[name].map((one) => one[what]);
  const figure = (name, what, unit, against, words) => ({
    group: `Forward-auth through nginx, ${store.name}, 32 at once`,
    name,
    value: median(all('miniauth', what)),
    unit,
    ratio: medianRatio(all('miniauth', what), all(against, what)),
    against: `${words}: ${median(all(against, what)).toFixed(unit === '/s' ? 0 : 1)} ${unit}`,
  });
  const time = `processor time of a request, nginx${store.processes ? ' and databases' : ''} included`;
  return [
    figure(time, 'cpu', 'µs', 'open', 'the same nginx without a question'),
    figure(`${time}, over the peer`, 'cpu', 'µs', 'peer', 'the same nginx asks Fastify'),
    figure('requests', 'perSecond', '/s', 'open', 'the same nginx without a question'),
  ];
}
