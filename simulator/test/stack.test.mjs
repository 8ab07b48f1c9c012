import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { close, freePorts, isListening, listen } from '../../tests/support/ports.mjs';
import { startStack } from '../stack.mjs';
import { Program } from '../stack/program.mjs';
import { BINARY, FIXTURE } from './support/stage.mjs';

const DEV = fileURLToPath(new URL('../dev.mjs', import.meta.url));
let stateDir;
before(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'miniauth-stack-'));
});
after(() => rm(stateDir, { recursive: true }));

const portOf = (url) => Number(new URL(url).port);

function startDev(port) {
  const state = path.join(stateDir, 'dev');
  return new Program([
    process.execPath,
    DEV,
    '--binary',
    BINARY,
    '--state-dir',
    state,
    '--port',
    String(port),
    '--app',
    FIXTURE,
    '--login',
    'https://api.shop.example',
    '--strict',
  ]);
}

test('the server can be stopped and restarted on its port; stop ends everything', async () => {
  const port = await freePorts(3);
  const logs = [];
  const stack = await startStack({
    binary: BINARY,
    stateDir: path.join(stateDir, 'api'),
    appDir: FIXTURE,
    ports: { simulator: port, server: port + 1, sandbox: port + 2 },
    onLog: (source, line) => logs.push([source, line]),
  });
  const ports = [port, port + 1, port + 2];
  assert.deepEqual([stack.urls.simulator, stack.urls.server, stack.urls.sandbox].map(portOf), ports);
  try {
    assert.equal((await fetch(`${stack.urls.server}/healthz`)).status, 200);
    assert.equal((await fetch(stack.urls.simulator)).status, 200);
    await stack.stopServer();
    assert.equal(await isListening(portOf(stack.urls.server)), false);
    await stack.startServer();
    await stack.startServer();
    assert.equal((await fetch(`${stack.urls.server}/healthz`)).status, 200);
    assert.ok(logs.some(([source]) => source === 'server'));
  } finally {
    await stack.stop();
  }
  assert.deepEqual(await Promise.all(ports.map(isListening)), [false, false, false]);
});

test('a program that cannot start is reported with its own output, and leaves nothing running', async () => {
  const failing = startStack({
    binary: BINARY,
    stateDir: path.join(stateDir, 'bad'),
    appDir: FIXTURE,
    env: { MINIAUTH_GATEWAY: 'http://example.com/gateway.do' },
  });
  await assert.rejects(failing, /the server did not start \(exit code \d+\):[^]*https/);
  await assert.rejects(startStack({ binary: '/nonexistent/miniauth', stateDir, appDir: FIXTURE }), /the sandbox did not start \(.*ENOENT/);
});

for (const [offset, name] of ['simulator', 'server', 'sandbox'].entries()) {
  test(`dev: a port in use, meant for the ${name}, gives one clear line`, async () => {
    const port = await freePorts(3);
    const taker = await listen(port + offset);
    try {
      const dev = startDev(port);
      assert.equal((await dev.ended).code, 1);
      assert.equal(dev.output, '');
      const [line, ...more] = dev.log.trimEnd().split('\n');
      assert.deepEqual(more, []);
      assert.match(line, new RegExp(`^port ${port + offset}, meant for the ${name}, is in use: .*--port N`));
    } finally {
      await close(taker);
    }
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`dev: prints its address, and ${signal} leaves nothing behind`, async () => {
    const port = await freePorts(3);
    const dev = startDev(port);
    await dev.line(/./);
    assert.equal(dev.output, `miniauth is ready: http://127.0.0.1:${port}/\n`);
    assert.deepEqual(await Promise.all([port, port + 1, port + 2].map(isListening)), [true, true, true]);
    assert.equal(await dev.stop(signal), 0, dev.log);
    assert.deepEqual(await Promise.all([port, port + 1, port + 2].map(isListening)), [false, false, false]);
  });
}
