import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { close, Dev, freePorts, isListening, listen } from './support.mjs';

/** What a start may take when nothing changed since the last one, in milliseconds. */
const SECOND_START = 10_000;

let stateDir;
before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'miniauth-dev-'));
});
after(() => rm(stateDir, { recursive: true, force: true }));

/** Starts the command on free ports and hands it over once it serves; nothing outlives the test. */
async function whileServing(t, act) {
  const port = await freePorts();
  const dev = new Dev(['--port', String(port), '--state-dir', stateDir]);
  t.after(() => dev.kill());
  const url = await dev.ready();
  await act(dev, { url, ports: [port, port + 1, port + 2] });
}

async function assertNothingLeft(dev, ports) {
  assert.deepEqual(await dev.processes(), []);
  for (const port of ports) assert.equal(await isListening(port), false, `somebody still listens on ${port}`);
}

test('dev serves the simulator, the server and the sandbox; Ctrl-C ends all of them', async (t) => {
  await whileServing(t, async (dev, { url, ports }) => {
    assert.equal(url, `http://127.0.0.1:${ports[0]}/`);
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<!doctype html>/i);
    assert.equal((await fetch(`http://127.0.0.1:${ports[1]}/healthz`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${ports[2]}/control/users`)).status, 200);

    dev.interrupt();
    await dev.ended;
    await assertNothingLeft(dev, ports);
  });
});

test('a second start with nothing changed is quick; SIGTERM to the command alone ends everything too', async (t) => {
  const start = performance.now();
  await whileServing(t, async (dev, { ports }) => {
    const took = performance.now() - start;
    assert.ok(took < SECOND_START, `took ${took} ms`);

    dev.terminate();
    await dev.ended;
    await assertNothingLeft(dev, ports);
  });
});

test('a taken port is one clear line, at once', async (t) => {
  const port = await freePorts();
  const taken = await listen(port + 1);
  t.after(() => close(taken));
  const dev = new Dev(['--port', String(port), '--state-dir', stateDir]);
  t.after(() => dev.kill());
  const { code } = await dev.ended;
  assert.equal(code, 1);
  assert.equal(dev.stdout, '');
  const errors = dev.stderr.split('\n').filter((line) => line.startsWith('error'));
  assert.equal(errors.length, 1);
  assert.match(errors[0], new RegExp(`^error: port ${port + 1}, meant for the server, is taken: .*--port N`));
});
