import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findBinary } from '../support/binary.mjs';
import { run } from '../support/program.mjs';
import { close, freePorts, isListening, listen } from '../support/ports.mjs';
import { processes, startDev } from './support.mjs';

/** How long a start that compiles everything may take, while other tests run, in milliseconds. */
const FIRST_START = 20 * 60_000;

let stateDir;
before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'miniauth-dev-'));
});
after(() => rm(stateDir, { recursive: true, force: true }));

/** Starts the command on free ports and returns once it serves; nothing outlives the test. */
async function whileServing(t, act) {
  const port = await freePorts(3);
  const dev = startDev(t, ['--port', String(port), '--state-dir', stateDir]);
  const [, url] = await dev.line(/^miniauth is ready: (http:\/\/\S+)$/, FIRST_START);
  await act(dev, { url, ports: [port, port + 1, port + 2] });
}

async function assertNothingLeft(dev, ports) {
  assert.deepEqual(await processes(dev), []);
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

    dev.signalGroup('SIGINT');
    await dev.ended;
    await assertNothingLeft(dev, ports);
  });
});

test('a second start with nothing changed builds nothing again; SIGTERM to the command alone ends everything too', async (t) => {
  await whileServing(t, async (dev, { ports }) => {
    for (const kept of ['as the lock files say', 'js/generated unchanged', 'pkg/dist unchanged']) {
      assert.ok(dev.output.includes(`      ${kept} (`), dev.output);
    }
    // The module and the binary: cargo checked both and found them up to date.
    assert.equal(dev.log.match(/^ *Finished .* target/gm)?.length, 2, dev.log);
    assert.doesNotMatch(dev.log, /^ *Compiling /m);

    dev.signal('SIGTERM');
    await dev.ended;
    await assertNothingLeft(dev, ports);
  });
});

test('a taken port is one clear line, at once', async (t) => {
  const port = await freePorts(3);
  const taken = await listen(port + 1);
  t.after(() => close(taken));
  const dev = startDev(t, ['--port', String(port), '--state-dir', stateDir]);
  assert.equal((await dev.ended).code, 1);
  assert.equal(dev.output, '');
  const errors = dev.log.split('\n').filter((line) => line.startsWith('error'));
  assert.equal(errors.length, 1);
  assert.match(errors[0], new RegExp(`^error: port ${port + 1}, meant for the server, is taken: .*--port N`));
});

test('an unknown profile is refused before anything is built, and the known ones are listed', async (t) => {
  const dev = startDev(t, ['--profile', 'close:4', '--state-dir', stateDir]);
  assert.equal((await dev.ended).code, 2);
  assert.equal(dev.output, '');
  assert.match(dev.log, /"close:4" is not a profile.*Known are .*close: 3 \| 10/);
});

test('what dev serves was built without PostgreSQL and Redis, and says so where it is to use them', async () => {
  const binary = join(dirname(findBinary()), '../local/miniauth');
  const key = join(stateDir, 'server.key');
  await writeFile(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const settings = {
    MINIAUTH_LISTEN: '127.0.0.1:0',
    MINIAUTH_DATABASE: `sqlite://${join(stateDir, 'other.db')}`,
    MINIAUTH_KEY_FILE: key,
    MINIAUTH_APP_ID: '2021000000000001',
    // From the sandbox of the previous tests.
    MINIAUTH_APP_PRIVATE_KEY_FILE: join(stateDir, 'sandbox/app-private-key.pem'),
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: join(stateDir, 'sandbox/alipay-public-key.pem'),
    MINIAUTH_GATEWAY: 'http://127.0.0.1:1/gateway.do',
  };
  for (const [store, feature, setting] of [
    ['PostgreSQL', 'postgres', { MINIAUTH_DATABASE: 'postgres://nobody@127.0.0.1:1/none' }],
    ['Redis', 'redis', { MINIAUTH_SESSION_STORE: 'redis://127.0.0.1:1' }],
  ]) {
    const { code, stderr } = await run([binary, 'serve'], { env: { ...settings, ...setting } });
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`this build has no ${store}: build it with the cargo feature \`${feature}\``));
  }
});
