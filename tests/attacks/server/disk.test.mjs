import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, binary, settings, startSandbox, startServer, temporaryFolder } from '../../http/support.mjs';
import { post } from '../../faults/support/wire.mjs';
import { start } from '../../support/program.mjs';

const MIB = 2 ** 20;
const MOST_LOGINS = 400;

async function stage(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  return { folder, control: new Control(sandbox.url), env: { ...settings(folder, sandbox), MINIAUTH_SESSIONS_PER_USER: '1000' } };
}

const ready = async (server) => (await fetch(`${server.url}/readyz`)).status;

/** Logs in until it fails. The server must not be ready until `makeRoom` has run; the last code must work afterwards. */
async function fillAndRecover(t, server, control, makeRoom) {
  const logIn = async () => {
    const authcode = await control.authCode('zhang-wei', 'auth_user');
    return { authcode, answer: await post(server, { authcode, scope: 'auth_user' }) };
  };
  let last = await logIn();
  let logins = 0;
  for (; last.answer.status === 200 && logins < MOST_LOGINS; logins += 1) last = await logIn();
  t.diagnostic(`${logins} logins, then ${last.answer.status} ${last.answer.body.code}`);
  assert.deepEqual([last.answer.status, last.answer.body.code, last.answer.headers.get('retry-after')], [503, 'overloaded', '1']);
  // Goes on until the last free bytes are used up.
  while (last.answer.body.code !== 'overloaded' || (await ready(server)) === 200) last = await logIn();
  last = await logIn();
  const calls = await control.calls();
  assert.equal((await post(server, { authcode: last.authcode, scope: 'auth_user' })).status, 503);
  assert.deepEqual([await ready(server), (await fetch(`${server.url}/healthz`)).status], [503, 200]);
  assert.equal((await control.calls()).length, calls.length, 'no code is spent meanwhile');
  await makeRoom();
  const started = performance.now();
  while ((await ready(server)) !== 200) await wait(50);
  t.diagnostic(`ready again after ${Math.round(performance.now() - started)} ms`);
  assert.equal((await post(server, { authcode: last.authcode, scope: 'auth_user' })).status, 200, 'the same code, later');
  assert.equal(await server.stop(), 0);
}

test('a full disk: a limit on the size of files', async (t) => {
  const { folder, control, env } = await stage(t);
  const server = await startServer(t, folder, env, { blocks: 1_024 });
  await fillAndRecover(t, server, control, () => execFileSync('prlimit', ['--pid', String(server.pid), '--fsize=unlimited:unlimited']));
});

test('a full disk: one of 1 MiB', async (t) => {
  const disk = await mkdtemp(path.join(tmpdir(), 'miniauth-disk-'));
  t.after(() => {
    // If the test failed, the server still has the disk open.
    spawnSync('umount', ['--lazy', disk]);
    return rm(disk, { recursive: true });
  });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  if (mounted.status !== 0) {
    t.diagnostic(`not shown, for this machine does not let a disk be made: ${mounted.stderr}`);
    return;
  }
  const { folder, control, env } = await stage(t);
  const filler = path.join(disk, 'filler');
  await writeFile(filler, Buffer.alloc(MIB / 4));
  const server = await startServer(t, folder, { ...env, MINIAUTH_DATABASE: `sqlite://${path.join(disk, 'miniauth.db')}` });
  await fillAndRecover(t, server, control, () => rm(filler));
});

test('a full disk: the log cannot be written, and nothing else is lost', async (t) => {
  const { folder, control, env } = await stage(t);
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const server = await start(t, [binary, 'serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', full] }).listening();
  for (let number = 0; number < 5; number += 1) {
    const authcode = await control.authCode('zhang-wei');
    assert.equal((await post(server, { authcode })).status, 200);
    assert.equal((await post(server, { authcode: `invented${number}` })).status, 422);
  }
  assert.equal(await server.stop(), 0);
});
