// `miniauth erasures apply` with a real server whose database is restored from a copy.

import assert from 'node:assert/strict';
import { appendFile, copyFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  APP_ID,
  Control,
  assertProblem,
  postAuth,
  run,
  settings,
  startSandbox,
  startServer,
  temporaryFolder,
  withSession,
} from './support.mjs';

test('users whom a restored database brings back are erased again, from the journals of all instances', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  const [database, copy] = ['miniauth.db', 'copy.db'].map((name) => path.join(folder, name));
  const journals = ['one', 'two'].map((name) => path.join(folder, name));
  const env = (journal) => ({ ...settings(folder, sandbox), MINIAUTH_ERASURE_JOURNAL: journal });
  const login = async (server, user) => {
    const answer = await postAuth(server, { authcode: await control.authCode(user, 'auth_user'), scope: 'auth_user' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.session;
  };
  const apply = async (...args) => {
    const { code, stdout, stderr } = await run(['erasures', 'apply', '--json', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...env(journals[0]) },
    });
    return { code, stderr, ...(stdout && JSON.parse(stdout)) };
  };

  let server = await startServer(t, folder, env(journals[0]));
  const users = ['zhang-wei', 'li-na', 'emoji'];
  const sessions = [];
  for (const user of users) sessions.push(await login(server, user));
  await server.stop('SIGTERM');
  await copyFile(database, copy);
  for (const [index, journal] of journals.entries()) {
    server = await startServer(t, folder, env(journal));
    assert.equal((await withSession(server, sessions[index], '/member', '--request', 'DELETE')).status, 204);
    await server.stop('SIGTERM');
  }
  for (const name of ['miniauth.db-wal', 'miniauth.db-shm']) await rm(path.join(folder, name), { force: true });
  await copyFile(copy, database);

  const [file] = await readdir(journals[0]);
  await appendFile(path.join(journals[0], file), `\n1790000000000 ${APP_ID} 00`);
  const counts = { erasures: 1, withdrawals: 0, unreadable: 1 };
  const { stderr, ...dry } = await apply('--dry-run');
  assert.deepEqual(dry, { code: 0, dry_run: true, erased: 1, ...counts }, stderr);
  const both = { ...counts, erasures: 2 };
  const done = await apply(...journals);
  assert.deepEqual(done, { code: 0, stderr: '', dry_run: false, erased: 2, ended: 0, ...both });
  assert.equal((await apply(...journals)).erased, 0, 'nobody is left');
  const plain = await run(['erasures', 'apply'], { cwd: folder, env: { PATH: process.env.PATH, ...env(journals[0]) } });
  assert.match(
    plain.stdout,
    /^repeated 0 of 1 erasures and 0 of 0 withdrawals; ignored 1 incomplete lines, whose requests were never answered\n$/,
  );

  server = await startServer(t, folder, env(journals[0]));
  for (const session of sessions.slice(0, 2)) assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');
  assert.equal((await withSession(server, sessions[2], '/member')).status, 200, 'others stay');
});

test('without a journal the error says how to name one', async (t) => {
  const folder = await temporaryFolder(t);
  const env = { PATH: process.env.PATH, MINIAUTH_DATABASE: `sqlite://${path.join(folder, 'miniauth.db')}` };
  const none = await run(['erasures', 'apply'], { cwd: folder, env });
  assert.deepEqual([none.code, /name its folder, or set erasure_journal/.test(none.stderr)], [2, true], none.stderr);
  const missing = await run(['erasures', 'apply', path.join(folder, 'nowhere')], { cwd: folder, env });
  assert.deepEqual([missing.code, /nowhere cannot be read/.test(missing.stderr)], [2, true], missing.stderr);
});
