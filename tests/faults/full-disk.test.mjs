// A full disk: answered logins are kept, nothing is left half done, and the server continues once there is room again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { Control, settings, startSandbox, startServer, temporaryFolder } from '../http/support.mjs';
import { post, session } from './support/wire.mjs';

/** The largest file that the server can write, in blocks of 512 bytes: room for some logins. */
const BLOCKS = 1_024;

const MOST_LOGINS = 400;

function sql(folder, statement) {
  const script = 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])';
  return execFileSync('python3', ['-c', script, path.join(folder, 'miniauth.db'), statement], { encoding: 'utf8' }).trim();
}

test('a full disk loses nothing that was answered and leaves nothing half done', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  const env = settings(folder, sandbox);
  const logIn = async (server) => post(server, { authcode: await control.authCode('zhang-wei', 'auth_user'), scope: 'auth_user' });

  const full = await startServer(t, folder, { ...env, MINIAUTH_SESSIONS_PER_USER: '1000' }, { blocks: BLOCKS });
  const answered = [];
  let refused;
  while (!refused && answered.length < MOST_LOGINS) {
    const answer = await logIn(full);
    if (answer.status === 200) {
      answered.push(answer.body.session);
    } else {
      refused = answer;
    }
  }
  t.diagnostic(`${answered.length} logins until the disk was full`);
  assert.ok(answered.length > 5, 'there was room at first');
  assert.deepEqual([refused.status, refused.body.code], [503, 'overloaded']);
  assert.match(full.log, /disk/i);
  assert.equal((await session(full, answered[0])).status, 200, 'sessions are checked as before');
  await full.kill();

  assert.equal(sql(folder, 'PRAGMA integrity_check'), 'ok');
  assert.equal(Number(sql(folder, 'SELECT count(*) FROM sessions')), answered.length);
  const roomy = await startServer(t, folder, { ...env, MINIAUTH_SESSIONS_PER_USER: '1000' });
  for (const token of [answered[0], answered.at(-1)]) {
    assert.equal((await session(roomy, token)).status, 200);
  }
  assert.equal((await logIn(roomy)).status, 200);
});
