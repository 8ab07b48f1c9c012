// `miniauth backup` while a server writes, and `miniauth restore`.

import assert from 'node:assert/strict';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { run, settings, startBoth, startServer } from './support.mjs';

test('a copy made under load is complete, and restores the state at its start', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  const env = settings(folder, sandbox);
  const miniauth = (...args) => run(args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const logIn = async (url) => {
    const user = await control.newUser();
    const authcode = await control.authCode(user.id, 'auth_user');
    const body = JSON.stringify({ authcode, scope: 'auth_user' });
    const answer = await fetch(`${url}/auth`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(answer.status, 200);
    return answer.json();
  };
  const status = async (url, { session }) => (await fetch(`${url}/session`, { headers: { authorization: `Bearer ${session}` } })).status;

  const before = await logIn(server.url);
  let writing = true;
  const writer = (async () => {
    const all = [];
    while (writing) all.push(await logIn(server.url));
    return all;
  })();
  const copy = path.join(folder, 'copy.db');
  const made = await miniauth('backup', copy, '--json');
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(JSON.parse(made.stdout), { file: copy, bytes: (await stat(copy)).size });
  assert.equal((await stat(copy)).mode & 0o777, 0o600);
  writing = false;
  for (const login of await writer) assert.equal(await status(server.url, login), 200, 'what was written meanwhile');
  const after = await logIn(server.url);

  // A backup overwrites no file; a restore refuses an open database, and a file that is not a copy.
  assert.match((await miniauth('backup', copy)).stderr, /copy\.db exists/);
  assert.match((await miniauth('restore', copy)).stderr, /open in another process: first stop the server/);
  const damaged = path.join(folder, 'damaged.db');
  await writeFile(damaged, (await readFile(copy)).subarray(0, 8192));
  const empty = path.join(folder, 'empty.db');
  await (await open(empty, 'w')).close();
  await server.stop();
  for (const file of [damaged, empty, path.join(folder, 'none.db')]) {
    const { code, stderr } = await miniauth('restore', file);
    assert.equal(code, 1, file);
    assert.match(stderr, /is not a complete database of miniauth/);
  }

  const restored = await miniauth('restore', copy, '--json');
  assert.equal(restored.code, 0, restored.stderr);
  const aside = path.join(folder, 'miniauth.db.before-restore');
  assert.deepEqual(JSON.parse(restored.stdout), { before: aside });
  const again = await startServer(t, folder, env);
  assert.equal(await status(again.url, before), 200, 'who was there when the copy began');
  assert.equal(await status(again.url, after), 401, 'who came later');
  await again.stop();
  assert.match((await miniauth('restore', aside)).stderr, /before-restore exists/, 'what was set aside is never written over');

  // And forward again, to the database that was set aside.
  const set = { ...env, MINIAUTH_DATABASE: `sqlite://${aside}`, MINIAUTH_KEY_FILE: path.join(folder, 'miniauth.key') };
  const forward = await startServer(t, folder, set);
  assert.equal(await status(forward.url, after), 200);
});
