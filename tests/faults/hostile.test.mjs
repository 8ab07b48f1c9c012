// Slow, oversized, malformed and hostile clients: the server's memory stays bounded, and it still serves others.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, HoldingGateway, postAuth, settings, startBoth, startSandbox, startServer, temporaryFolder } from '../http/support.mjs';
import { seeded } from './support/random.mjs';
import { post } from './support/wire.mjs';

const MIB = 2 ** 20;
const CLIENTS = 400;

/** Twice the server's timeout for a head or a body, and some time for a busy machine. */
const CUT_OFF_WITHIN_MS = 20_000;

/** How much memory all hostile clients together may use, in bytes: each has 8 KiB of buffers at first, and at most its head. */
const MOST_BYTES = 40 * MIB;

async function resident(program) {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1_024;
}

/** Opens a connection that the server may end in any way, and writes the given bytes to it. */
async function open(server, bytes = '') {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.resume();
  const closed = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  await once(socket, 'connect');
  socket.write(bytes);
  return { socket, closed };
}

const HEAD = 'POST /auth HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

/** What each kind of bad client sends; all of them keep their connection open. */
const HOSTILE = [
  () => 'GET /session HTTP/1.1\r\nHost: a\r\nX-Slow: ',
  () => `${HEAD}Content-Length: 16000\r\n\r\n{"authcode":"`,
  () => `${HEAD}X-Large: ${'a'.repeat(MIB / 4)}`,
  () => `${HEAD}Content-Length: ${2 ** 40}\r\n\r\n${'a'.repeat(MIB / 4)}`,
  () => `${HEAD}Transfer-Encoding: chunked\r\n\r\n${'4000\r\n' + 'a'.repeat(0x4000) + '\r\n'}`.repeat(2),
  () => `${HEAD}Content-Length: 16000\r\n\r\n${'['.repeat(16_000)}`,
  () => `GET /${'a'.repeat(MIB / 8)} HTTP/1.1\r\n`,
  () => 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100),
  (random) => Buffer.from(Array.from({ length: 4_096 }, () => Math.floor(random() * 256))),
  () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
];

test(`memory stays bounded under ${CLIENTS} bad clients, who are cut off, while others are served`, async (t) => {
  const limits = {
    MINIAUTH_HEADER_TIMEOUT_SECONDS: '4',
    MINIAUTH_BODY_TIMEOUT_SECONDS: '4',
    MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0',
    MINIAUTH_LOG: 'warn',
  };
  const { server, control } = await startBoth(t, limits);
  const login = async () => (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).status;
  assert.equal(await login(), 200);
  const random = seeded(5);

  const wave = async () => {
    const sockets = [];
    for (let number = 0; number < CLIENTS; number += 1) {
      sockets.push(await open(server, HOSTILE[number % HOSTILE.length](random)));
    }
    t.after(() => sockets.forEach(({ socket }) => socket.destroy()));
    const slow = sockets.filter((_, number) => number % HOSTILE.length < 2);
    const dripping = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write('a')), 200);
    t.after(() => clearInterval(dripping));
    const during = await resident(server);
    assert.equal(await login(), 200, 'others are served meanwhile');
    const all = Promise.all(sockets.map(({ closed }) => closed)).then(() => 'cut off');
    assert.equal(await Promise.race([all, wait(CUT_OFF_WITHIN_MS, 'still open', { ref: false })]), 'cut off');
    clearInterval(dripping);
    return during;
  };

  const before = await resident(server);
  const during = await wave();
  const afterOne = await resident(server);
  await wave();
  await wave();
  await wait(200);
  const after = await resident(server);
  const figures = { before, during, 'after one wave': afterOne, 'after three': after };
  t.diagnostic(JSON.stringify(figures, (_, value) => (typeof value === 'number' ? `${(value / MIB).toFixed(1)} MiB` : value)));
  assert.ok(during - before < MOST_BYTES, 'while they are there');
  assert.ok(after - before < MOST_BYTES, 'when they are gone');
  assert.ok(after - afterOne < MOST_BYTES / 4, 'more of them leave no more behind');
  assert.equal(await login(), 200);
});

/** How many requests may be under way in the second test. */
const ACCEPTED = 4;

test('requests above the limit get Retry-After at once, and the accepted ones are finished', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  const gateway = await HoldingGateway.start(t, sandbox);
  const env = { ...settings(folder, sandbox), MINIAUTH_GATEWAY: gateway.url, MINIAUTH_MAX_REQUESTS_UNDER_WAY: String(ACCEPTED) };
  const server = await startServer(t, folder, env);
  const codes = await Promise.all(Array.from({ length: 12 }, () => control.authCode('zhang-wei')));
  const refused = [];
  const answering = codes.map(async (authcode) => {
    const answer = await post(server, { authcode });
    if (answer.status !== 200) refused.push(answer);
    // This shows that refusals come at once: until here, the platform has answered nobody.
    if (refused.length === codes.length - ACCEPTED) gateway.release();
    return answer;
  });
  const accepted = (await Promise.all(answering)).filter(({ status }) => status === 200);
  assert.deepEqual([accepted.length, refused.length], [ACCEPTED, codes.length - ACCEPTED]);
  for (const { status, headers, body } of refused) {
    assert.deepEqual([status, body.code, headers.get('retry-after')], [503, 'overloaded', '1']);
  }
});
