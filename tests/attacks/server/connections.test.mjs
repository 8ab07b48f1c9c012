import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startBoth } from '../../http/support.mjs';
import { ADDRESSES, KEPT, UNFINISHED_EACH, UNREAD } from './connections.mjs';

/** How long other clients wait for an answer, in milliseconds: the server's timeout, and some for a busy machine. */
const PATIENCE_MS = 20_000;

const CONNECTIONS = 20;

/** Resolves with an event's first value, or with nothing if the connection closes before: a refused one may be reset. */
function first(socket, event) {
  return new Promise((resolve) => {
    socket.once(event, resolve).once('close', () => resolve());
  });
}

/** Opens a connection that the server may end in any way, and that closes with the test. */
async function open(t, server, options = {}) {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', ...options });
  socket.on('error', () => socket.destroy());
  t.after(() => socket.destroy());
  await first(socket, 'connect');
  return socket;
}

async function status(server, path) {
  const headers = { authorization: `Bearer ${'x'.repeat(43)}`, connection: 'close' };
  const answer = await fetch(`${server.url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  await answer.arrayBuffer();
  return answer.status;
}

for (const line of UNREAD) {
  test(`clients that never read are cut off: ${line}`, async (t) => {
    const all = { MINIAUTH_MAX_CONNECTIONS: String(CONNECTIONS), MINIAUTH_MAX_CONNECTIONS_PER_ADDRESS: String(CONNECTIONS) };
    const limits = { ...all, MINIAUTH_WRITE_TIMEOUT_SECONDS: '1', MINIAUTH_LOG: 'warn' };
    const { server } = await startBoth(t, { ...limits, MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0' });
    const requests = `${line} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(1_000);
    for (let number = 0; number < CONNECTIONS; number += 1) {
      const socket = await open(t, server);
      // While paused, the socket reads nothing; the more it writes, the more the server has to answer.
      const ask = () => {
        while (socket.writable && socket.write(requests));
      };
      socket.pause().on('drain', ask);
      ask();
    }
    const started = performance.now();
    assert.equal(await status(server, '/healthz'), 200);
    t.diagnostic(`others waited ${Math.round(performance.now() - started)} ms`);
  });
}

test('unfinished bodies do not count against the limit of requests', async (t) => {
  const { server } = await startBoth(t, { MINIAUTH_LOG: 'warn' });
  const head = 'POST /auth HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"authcode":"';
  for (const localAddress of ADDRESSES) {
    const sockets = Array.from({ length: UNFINISHED_EACH }, () => open(t, server, { localAddress }));
    for (const socket of await Promise.all(sockets)) socket.write(head);
  }
  const statuses = [];
  for (let number = 0; number < 100; number += 1) statuses.push(await status(server, '/session'));
  const refused = statuses.filter((found) => found !== 401).length;
  t.diagnostic(`${refused} of ${statuses.length} session checks were refused`);
  assert.equal(refused, 0);
});

/** Legitimate ways to keep a connection: no request, one now and then, or half of one. */
const KEEPERS = {
  idle: () => {},
  'in use': (socket) => {
    const ask = () => socket.writable && socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    ask();
    const asking = setInterval(ask, 500);
    socket.on('close', () => clearInterval(asking)).resume();
  },
  slow: (socket) => socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n'),
};

const refusedConnections = async (server) => {
  const text = await (await fetch(`${server.url}/metrics`, { signal: AbortSignal.timeout(PATIENCE_MS) })).text();
  return Number(/^miniauth_connections_refused_total (\d+)$/m.exec(text)[1]);
};

for (const [name, keep] of Object.entries(KEEPERS)) {
  test(`one address takes no more than its share of the connections: ${name}`, async (t) => {
    const share = KEPT / 8;
    const { server } = await startBoth(t, { MINIAUTH_MAX_CONNECTIONS: String(KEPT), MINIAUTH_HEADER_TIMEOUT_SECONDS: '60' });
    const sockets = [];
    for (let number = 0; number < KEPT; number += 1) {
      const socket = await open(t, server, { localAddress: '127.0.0.2' });
      keep(socket);
      sockets.push(socket);
    }
    assert.equal(await status(server, '/healthz'), 200, 'another address is served');
    while ((await refusedConnections(server)) < KEPT - share) await wait(20);
    const isOpen = () => sockets.filter((socket) => !socket.resume().destroyed);
    while (isOpen().length > share) await wait(20);
    assert.equal(isOpen().length, share);
    assert.equal(await refusedConnections(server), KEPT - share);
    isOpen()[0].destroy();
    let answer;
    for (let tries = 0; !answer && tries < 100; tries += 1) {
      const socket = await open(t, server, { localAddress: '127.0.0.2' });
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      answer = await first(socket, 'data');
    }
    assert.match(String(answer), /^HTTP\/1\.1 200 /, 'what it gives back it may take again');
  });
}

test('a trusted proxy may have all connections', async (t) => {
  const { server } = await startBoth(t, { MINIAUTH_MAX_CONNECTIONS: String(KEPT), MINIAUTH_TRUSTED_PROXIES: '127.0.0.2' });
  const sockets = [];
  for (let number = 1; number < KEPT; number += 1) sockets.push(await open(t, server, { localAddress: '127.0.0.2' }));
  for (const socket of sockets) {
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  }
  assert.equal(await refusedConnections(server), 0);
});
