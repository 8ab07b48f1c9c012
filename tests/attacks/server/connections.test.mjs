import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startBoth } from '../../http/support.mjs';
import { ADDRESSES, UNFINISHED_EACH, UNREAD } from './connections.mjs';

/** How long the others wait for their answer, in milliseconds: the time-out of the server, and some for a busy machine. */
const PATIENCE_MS = 20_000;

const CONNECTIONS = 20;

/** A connection that does not mind how the server ends it, and ends with the test. */
async function open(t, server, options = {}) {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', ...options });
  socket.on('error', () => socket.destroy());
  t.after(() => socket.destroy());
  await once(socket, 'connect');
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
    const limits = { MINIAUTH_MAX_CONNECTIONS: String(CONNECTIONS), MINIAUTH_WRITE_TIMEOUT_SECONDS: '1', MINIAUTH_LOG: 'warn' };
    const { server } = await startBoth(t, { ...limits, MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0' });
    const requests = `${line} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(1_000);
    for (let number = 0; number < CONNECTIONS; number += 1) {
      const socket = await open(t, server);
      // Paused, it reads nothing, and the more it writes, the more the server has to answer.
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

test('unfinished bodies take no place of requests that work', async (t) => {
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
