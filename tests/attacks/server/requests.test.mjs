import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { startBoth } from '../../http/support.mjs';
import { BEFORE_HTTP, LARGEST, MOST, REFUSED } from './requests.mjs';

/** Sends bytes and reads until the answer is complete or the server closes the connection. */
async function exchange(server, bytes) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(Buffer.from(bytes, 'latin1'));
  let text = '';
  for await (const chunk of socket.setTimeout(15_000, () => socket.destroy())) {
    text += chunk;
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    const start = text.indexOf('\r\n\r\n') + 4;
    if (start > 3 && Buffer.byteLength(text.slice(start)) >= Number(length ?? 0)) break;
  }
  socket.destroy();
  const [head, body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

let server;
before(async (t) => {
  const limits = { MINIAUTH_MAX_HEADER_BYTES: String(MOST), MINIAUTH_BODY_TIMEOUT_SECONDS: '1', MINIAUTH_LOG: 'warn' };
  ({ server } = await startBoth(t, limits));
});

const name = (bytes) => bytes.split('\r\n')[0].slice(0, 40);

test('every refusal is a problem document', async () => {
  for (const [bytes, status, code] of REFUSED) {
    const answer = await exchange(server, bytes);
    assert.match(answer.head, /\r\ncontent-type: application\/problem\+json\r\n/, `${name(bytes)}: ${answer.head}`);
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [status, code], name(bytes));
  }
});

test('the HTTP library refuses with a status alone, and closes', async () => {
  for (const [bytes, status] of BEFORE_HTTP) {
    const answer = await exchange(server, bytes);
    assert.deepEqual([answer.status, answer.body], [status, ''], name(bytes));
  }
});

test('a head of max_header_bytes is taken', async () => {
  assert.equal(LARGEST.length, MOST);
  assert.equal((await exchange(server, LARGEST)).status, 200);
});
