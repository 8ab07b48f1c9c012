import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, HoldingGateway, binary, postAuth, settings, startSandbox, startServer, temporaryFolder } from '../../http/support.mjs';
import { start } from '../../support/program.mjs';
import { MOMENTS } from './signals.mjs';

/** How often each moment is tried. */
const ROUNDS = process.env.MINIAUTH_LONG ? 20 : 1;

async function stage(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  return { folder, sandbox, control: new Control(sandbox.url), env: settings(folder, sandbox) };
}

/** Waits until the program has installed its own handler, as Linux reports. */
async function takesOver(program) {
  const HANGUP = 1n;
  for (;;) {
    const caught = /SigCgt:\s+(\w+)/.exec(await readFile(`/proc/${program.pid}/status`, 'utf8').catch(() => ''));
    if (caught && BigInt(`0x${caught[1]}`) & HANGUP) return;
    assert.ok(program.running, program.log);
    await wait(1);
  }
}

test('SIGHUP ends nothing during the start', async (t) => {
  const { folder, env } = await stage(t);
  const begin = async () => {
    const server = start(t, [binary, 'serve'], { cwd: folder, env });
    await takesOver(server);
    return server;
  };
  const first = await begin();
  assert.equal(first.log, '', 'nothing was said before');
  first.signal('SIGHUP');
  await (await first.listening()).stop();
  for (const moment of Array(ROUNDS).fill(MOMENTS).flat()) {
    const server = await begin();
    await wait(moment);
    server.signal('SIGHUP');
    await server.listening();
    await server.logs('nothing to reload');
    assert.equal(await server.stop(), 0);
  }
});

test('SIGHUP ends nothing while a code is at the platform, and says that there is nothing to reload', async (t) => {
  const { folder, sandbox, control, env } = await stage(t);
  const gateway = await HoldingGateway.start(t, sandbox);
  const server = await startServer(t, folder, { ...env, MINIAUTH_GATEWAY: gateway.url });
  const login = postAuth(server, { authcode: await control.authCode('zhang-wei') });
  await gateway.called();
  for (let times = 0; times < 5; times += 1) server.signal('SIGHUP');
  await server.logs('nothing to reload');
  gateway.release();
  assert.equal((await login).status, 200);
  assert.equal(await server.stop(), 0);
});

test('SIGHUP reads the log level again; one that is wrong leaves that of before in force', async (t) => {
  const { folder, env } = await stage(t);
  const config = path.join(folder, 'server.toml');
  await writeFile(config, 'log = "info"\n');
  const server = await startServer(t, folder, { ...env, MINIAUTH_CONFIG: config });
  /** Counts the log lines for one request. They end where the server reports that it rejected a wrong level. */
  const lines = async () => {
    const before = server.log.length;
    await (await fetch(`${server.url}/healthz`)).text();
    await writeFile(config, 'log = "info=loud"\n');
    server.signal('SIGHUP');
    while (!server.log.slice(before).includes('cannot reload the log level; the old one stays')) {
      assert.ok(server.running, server.log);
      await wait(10);
    }
    return server.log
      .slice(before)
      .split('\n')
      .filter((line) => line.includes('/healthz')).length;
  };
  assert.equal(await lines(), 1);
  assert.equal(await lines(), 1);
  const late = performance.now() + 10_000;
  do {
    assert.ok(performance.now() < late, 'it still logs requests');
    await writeFile(config, 'log = "warn"\n');
    server.signal('SIGHUP');
    // If the server has not read it by then, `lines` overwrites it and the next round tries again.
    await wait(100);
  } while ((await lines()) > 0);
  assert.equal(await server.stop(), 0);
});
