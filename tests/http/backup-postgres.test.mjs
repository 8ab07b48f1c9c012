// The documented way to copy and restore PostgreSQL, with its own tools and the real server. Also searches the files of PostgreSQL and
// Redis for an erased user's bytes.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import * as programs from '../support/program.mjs';
import { redis } from '../support/redis.mjs';
import { postgresStore } from '../support/stores.mjs';
import { Control, assertProblem, postAuth, run, settings, startSandbox, startServer, withSession } from './support.mjs';

/** Prepares a server on PostgreSQL, and what else a test needs. */
async function onPostgres(t, { withRedis = false, ...further } = {}) {
  const store = await postgresStore(t, { withRedis });
  const sandbox = await startSandbox(t, store.folder);
  const control = new Control(sandbox.url);
  const env = { ...settings(store.folder, sandbox), ...store.env, ...further };
  const start = () => startServer(t, store.folder, env);
  const miniauth = (...args) => run(args, { cwd: store.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const logIn = async (server) => {
    const user = await control.newUser();
    const authcode = await control.authCode(user.id, 'auth_user');
    const { status, body } = await postAuth(server, { authcode, scope: 'auth_user' });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  return { store, env, start, miniauth, logIn };
}

/** Finds every file below a folder that contains the text or bytes; files deleted meanwhile do not count. */
async function filesWith(folder, text) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file).catch(() => Buffer.alloc(0))).includes(text)) found.push(path.relative(folder, file));
  }
  return found;
}

test('pg_dump beside a server that writes, pg_restore, and erasures once more', async (t) => {
  const journal = 'journal';
  const { store, env, start, miniauth, logIn } = await onPostgres(t, { MINIAUTH_ERASURE_JOURNAL: journal });
  const server = await start();
  const [stays, goes] = [await logIn(server), await logIn(server)];
  let writing = true;
  const writer = (async () => {
    while (writing) await logIn(server);
  })();
  const copy = path.join(store.folder, 'miniauth.dump');
  const tool = async (...command) => {
    const { code, stderr } = await programs.run(command, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    assert.equal(code, 0, stderr);
  };
  await tool('pg_dump', '--format=custom', `--file=${copy}`, env.MINIAUTH_DATABASE);
  writing = false;
  await writer;
  assert.equal((await withSession(server, goes.session, '/member', '--request', 'DELETE')).status, 204);
  const late = await logIn(server);
  await server.stop();
  const audit = path.join(store.folder, 'audit.sql');
  await tool('pg_dump', '--data-only', '--table=audit', '--inserts', '--on-conflict-do-nothing', `--file=${audit}`, env.MINIAUTH_DATABASE);

  await tool('pg_restore', '--clean', '--if-exists', '--single-transaction', `--dbname=${env.MINIAUTH_DATABASE}`, copy);
  await tool('psql', '--quiet', '--set=ON_ERROR_STOP=1', `--dbname=${env.MINIAUTH_DATABASE}`, `--file=${audit}`);
  const applied = await miniauth('erasures', 'apply', '--json');
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(JSON.parse(applied.stdout).erased, 1);
  // The audit also has what was done before the restore.
  const rows = JSON.parse((await miniauth('audit', '--json')).stdout);
  const told = rows.map(({ actor, action, subject }) => `${actor.split(':')[0]} ${action} ${subject}`);
  assert.deepEqual(told, [
    `user member_erased ${goes.subject}`,
    'operator erasures_applied null',
    `operator member_erased ${goes.subject}`,
  ]);
  const again = await start();
  assert.equal((await withSession(again, stays.session, '/member')).body.nick_name, stays.member.nick_name);
  for (const { session } of [goes, late]) assertProblem(await withSession(again, session, '/session'), 401, 'session_unknown');
});

test('an erased user is in no table of PostgreSQL after VACUUM FULL and a checkpoint, and in no file of Redis after a rewrite', async (t) => {
  const { store, start, logIn } = await onPostgres(t, { withRedis: true });
  const ask = (...command) => redis(store.redis, [command]);
  const folders = { postgres: store.query('SHOW data_directory'), redis: /\n(\/.*?)\r/.exec(await ask('CONFIG', 'GET', 'dir'))[1] };
  // Keys contain binary hashes: the answer gives each length.
  const keys = async () => {
    const answer = await ask('KEYS', 'miniauth:*');
    return [...answer.matchAll(/\$(\d+)\r\n(?=miniauth:)/g)].map(({ 0: head, 1: length, index }) =>
      answer.substr(index + head.length, Number(length)),
    );
  };
  const server = await start();
  const stays = await logIn(server);
  const others = await keys();
  const goes = await logIn(server);
  const own = (await keys()).filter((key) => !others.includes(key));
  assert.equal(own.length, 2, "the session, and the list of the user's sessions");
  const tables = path.join(folders.postgres, 'base');
  store.query('CHECKPOINT');
  assert.notDeepEqual(await filesWith(tables, goes.member.nick_name), [], 'the search finds what is there');
  for (const key of own)
    assert.notDeepEqual(await filesWith(folders.redis, Buffer.from(key, 'latin1')), [], 'the search finds what is there');

  assert.equal((await withSession(server, goes.session, '/member', '--request', 'DELETE')).status, 204);
  assert.deepEqual((await keys()).sort(), others.sort());
  store.query('VACUUM FULL');
  store.query('CHECKPOINT');
  assert.deepEqual(await filesWith(tables, goes.member.nick_name), []);
  assert.notDeepEqual(await filesWith(tables, stays.member.nick_name), [], 'others stay');
  await ask('BGREWRITEAOF');
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await ask('INFO', 'persistence'))) await wait(50);
  for (const key of own) assert.deepEqual(await filesWith(folders.redis, Buffer.from(key, 'latin1')), []);
});
