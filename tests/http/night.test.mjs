// A night with the real server and its commands: a user asks for an export and then for erasure, a key leaks, an instance dies, the
// database is lost and restored from a copy; in the morning an auditor asks who did what.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import * as programs from '../support/program.mjs';
import {
  Control,
  assertProblem,
  curl,
  postAuth,
  run,
  settings,
  startSandbox,
  startServer,
  temporaryFolder,
  withSession,
} from './support.mjs';

test('a night: export, erasure, a key that leaked, a dead instance, a restore, and who did what', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  // Two instances on one machine share the file; each has its own erasure journal.
  const journals = ['one', 'two'].map((name) => path.join(folder, `erasures-${name}`));
  const env = { ...settings(folder, sandbox), MINIAUTH_TOKEN_AUDIENCES: 'shop', MINIAUTH_ERASURE_JOURNAL: journals[0] };
  const start = (journal, more = {}) => startServer(t, folder, { ...env, MINIAUTH_ERASURE_JOURNAL: journal, ...more });
  let [one, two] = [await start(journals[0]), await start(journals[1])];
  await control.messageAddress(`${one.url}/platform-messages`);

  const miniauth = (...args) => run(args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = async (...args) => {
    const { code, stdout, stderr } = await miniauth(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const logIn = async (server, user) => {
    const answer = await postAuth(server, { authcode: await control.authCode(user, 'auth_user'), scope: 'auth_user' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const lives = async (server, { session }) => assert.equal((await withSession(server, session, '/session')).status, 200);
  const isOver = async (server, { session }) => assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');
  const token = async (server, { session }) => {
    const answer = await withSession(server, session, '/session/token', '--json', '{"audience":"shop"}');
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.token;
  };
  const keyOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;
  const keysOf = async (server) => (await curl(`${server.url}/.well-known/jwks.json`)).body.keys.map((key) => key.kid);

  // The evening: three users, a back-end, and the nightly copy.
  const [zhang, li, emoji] = [await logIn(one, 'zhang-wei'), await logIn(two, 'li-na'), await logIn(one, 'emoji')];
  await done('backends', 'add', 'shop', '--claims', 'member', '--by', 'alice');
  const copy = path.join(folder, 'evening.db');
  await done('backup', copy, '--by', 'nightly copy');

  // 22:00. Zhang Wei asks for an export of the stored data, then for erasure.
  const file = path.join(folder, 'zhang-wei.json');
  await done('members', 'export', zhang.subject, '--output', file, '--by', 'alice');
  const everything = JSON.parse(await readFile(file, 'utf8'));
  assert.equal(everything.member.nick_name, zhang.member.nick_name);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await done('members', 'erase', zhang.subject, '--by', 'alice');
  await isOver(one, zhang);
  // Li Na asks the server directly, and Emoji withdraws consent in the platform's settings.
  assert.equal((await withSession(two, li.session, '/member', '--request', 'DELETE')).status, 204);
  await control.withdraw('emoji');
  await control.message();
  await isOver(two, emoji);

  // 23:00. A token-signing key is found in a log. (crates/server/tests/tokens.rs: instances that read it use it ten seconds at most.)
  const wang = await logIn(one, 'quotes');
  const leaked = keyOf(await token(one, wang));
  assert.deepEqual(await keysOf(one), [leaked]);
  await done('keys', 'rotate', '--revoke', '--by', 'bob');
  assert.notEqual(keyOf(await token(two, wang)), leaked);
  assert.ok(!(await keysOf(two)).includes(leaked));

  // 01:00. An instance dies; the other carries on with its sessions.
  await one.kill();
  await lives(two, wang);
  // 02:00. The disk with the database is lost, and the evening's copy takes its place.
  await two.stop();
  await done('restore', copy, '--by', 'bob');
  // The copy brings back everyone erased since; the journals of both instances list them.
  await done('members', 'find', zhang.subject, '--by', 'bob');
  const applied = JSON.parse(await done('erasures', 'apply', '--json', ...journals, '--by', 'bob'));
  assert.deepEqual([applied.erased, applied.ended], [2, 1]);
  [one, two] = [await start(journals[0]), await start(journals[1])];
  for (const user of [zhang, li, emoji, wang]) await isOver(one, user);
  await lives(two, await logIn(one, 'quotes'));

  // The morning. An auditor asks what happened.
  const rows = JSON.parse(await done('audit', '--json'));
  const people = new Map([zhang, li, emoji].map((user, index) => [user.subject, ['Zhang Wei', 'Li Na', 'Emoji'][index]]));
  const told = rows.map(({ actor, action, subject, detail }) =>
    [actor, action, people.get(subject) ?? subject, detail].filter(Boolean).join(', '),
  );
  assert.deepEqual(told.slice(0, 9), [
    'operator:alice, backend_added, shop',
    'operator:nightly copy, database_copied',
    'operator:alice, member_exported, Zhang Wei',
    'operator:alice, member_erased, Zhang Wei',
    'user, member_erased, Li Na',
    'platform, consent_withdrawn, Emoji, erase_member',
    'operator:bob, keys_revoked',
    'operator:bob, database_restored',
    'operator:bob, member_found, Zhang Wei',
  ]);
  const lines = await Promise.all(journals.map((journal) => done('erasures', 'apply', '--dry-run', '--json', journal)));
  const all = lines.map((text) => JSON.parse(text)).reduce((sum, { erasures, withdrawals }) => sum + erasures + withdrawals, 0);
  assert.equal(told[9], `operator:bob, erasures_applied, ${all} lines`);
  // The journals' lines come in the order of the folders.
  assert.deepEqual(told.slice(10).sort(), [
    'operator:bob, consent_withdrawn, Emoji, again, from the journal',
    'operator:bob, member_erased, Li Na, again, from the journal',
    'operator:bob, member_erased, Zhang Wei, again, from the journal',
  ]);
  assert.ok(
    rows.every((row, index) => index === 0 || rows[index - 1].at <= row.at),
    'in order',
  );
  // The audit of one user, for questions about that user. No row names a user except by the subject.
  const hers = JSON.parse(await done('audit', '--json', '--subject', li.subject));
  assert.deepEqual(
    hers.map((row) => row.actor),
    ['user', 'operator:bob'],
  );
  const exported = await done('audit', '--action', 'member_exported', '--since', rows[2].at.slice(0, 10));
  assert.equal(exported.trim().split('  ').slice(1).join(' '), `operator:alice member_exported ${zhang.subject}`);
  const text = JSON.stringify(rows);
  for (const { nick_name: name, open_id: id } of [zhang.member, li.member, emoji.member]) {
    assert.ok(!text.includes(name) && !text.includes(id), name);
  }
});

test('the operator is the system’s user unless named, and invalid arguments are reported', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const env = settings(folder, sandbox);
  const server = await startServer(t, folder, env);
  const miniauth = (...args) => run(args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal((await miniauth('backends', 'add', 'shop')).code, 0);
  const { stdout: rows } = await miniauth('audit', '--json');
  const { stdout: me } = await programs.run(['id', '-un'], { stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal(JSON.parse(rows)[0].actor, `operator:${me.trim()}`);
  for (const [args, what] of [
    [['audit', '--action', 'erased'], /the actions are member_found, .*member_erased/],
    [['audit', '--subject', '2088000000000001x'], /16 hexadecimal digits/],
    [['audit', '--since', 'yesterday'], /neither a day like 2026-11-27/],
    [['backends', 'add', 'other', '--by', 'alice\nplatform'], /not a name/],
  ]) {
    const { code, stderr } = await miniauth(...args);
    assert.deepEqual([code, what.test(stderr)], [2, true], stderr);
  }
  assert.ok(server.running);
});
