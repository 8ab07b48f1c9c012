import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { processes, startMarked } from '../../dev/support.mjs';
import { freePorts, isListening } from '../../support/ports.mjs';
import { binary, temporaryFolder } from '../../http/support.mjs';
import { MOMENTS } from './dev.mjs';

/** Milliseconds added to each moment; a long run also tries moments in between. */
const LATER = process.env.MINIAUTH_LONG ? [0, 30, 60, 90, 120] : [0];

/** How long shutting down may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;

async function startServing(t) {
  const port = await freePorts(3);
  const state = path.join(await temporaryFolder(t), 'state');
  const app = 'simulator/test/fixtures/shop';
  const options = ['--binary', binary, '--state-dir', state, '--app', app, '--login', 'https://api.shop.example', '--port', String(port)];
  const dev = startMarked(t, ['node', 'simulator/dev.mjs', ...options], { PATH: process.env.PATH });
  return { dev, ports: [port, port + 1, port + 2] };
}

async function assertQuietEnd(dev, ports, moment) {
  const ended = await Promise.race([dev.ended, wait(PATIENCE_MS, null, { ref: false })]);
  assert.ok(ended, `after ${moment} ms: it does not end`);
  assert.deepEqual(await processes(dev), [], `after ${moment} ms`);
  for (const port of ports) assert.equal(await isListening(port), false, `after ${moment} ms: somebody listens`);
  const words = (dev.output + dev.log).split('\n');
  assert.deepEqual(
    words.filter((line) => line && !/ listening on | INFO |^miniauth is ready|\] address /.test(line)),
    [],
    `after ${moment} ms`,
  );
}

test('Ctrl-C at any moment of the start is quiet and leaves nothing', async (t) => {
  for (const moment of MOMENTS.flatMap((at) => LATER.map((later) => at + later))) {
    const { dev, ports } = await startServing(t);
    await wait(moment);
    dev.signalGroup('SIGINT');
    await assertQuietEnd(dev, ports, moment);
  }
});

test('dev leaves nothing behind even if it is killed', async (t) => {
  const { dev, ports } = await startServing(t);
  await dev.line(/^miniauth is ready/);
  assert.ok((await processes(dev)).length >= 4, 'itself, the stack, the sandbox and the server');
  dev.signal('SIGKILL');
  await assertQuietEnd(dev, ports, 'the kill');
});
