// `miniauth reconcile` with the real sandbox and a real server: it finds withdrawals whose messages never came.

import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { postgresStore } from '../support/stores.mjs';
import {
  APP_ID,
  Control,
  OTHER_APP_ID,
  assertProblem,
  postAuth,
  run,
  settings,
  startBoth,
  startSandbox,
  startServer,
  temporaryFolder,
  withSession,
} from './support.mjs';

/** Logs in a user who agreed. The sandbox has no address for messages, so the server receives none about a withdrawal. */
async function login({ server, control }, user, options = {}) {
  const authcode = await control.authCode(user, 'auth_user', options);
  const answer = await postAuth(server, { authcode, scope: 'auth_user' });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.session;
}

/** Runs the command with the server's own settings; returns exit code, report and error output. */
async function reconcile(env, folder, ...args) {
  const { code, stdout, stderr } = await run(['reconcile', '--json', ...args], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
  return { code, report: stdout && JSON.parse(stdout), stderr };
}

/** Returns the counts of the only app. */
function counts({ report }) {
  assert.equal(report.apps.length, 1);
  const { app_id: appId, problems, ...rest } = report.apps[0];
  assert.deepEqual([appId, problems], [APP_ID, []]);
  return rest;
}

for (const api of ['v2', 'v3']) {
  test(`a withdrawal without a message is found, ends session and member, and is applied once (${api})`, async (t) => {
    const stack = await startBoth(t, { MINIAUTH_API: api });
    const { folder, sandbox, server, control } = stack;
    const env = { ...settings(folder, sandbox), MINIAUTH_API: api };
    const session = await login(stack, 'zhang-wei');
    const other = await login(stack, 'li-na');
    await control.withdraw('zhang-wei');
    assert.equal((await withSession(server, session, '/member')).status, 200, 'the server has not heard of it');

    const first = await reconcile(env, folder);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(counts(first), { revocations: 1, ended: 1, nothing_older: 0, unknown: 0 });
    assert.equal(first.stderr.trim().split('\n').length, 7, 'a line for each day');
    assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');
    assert.equal((await withSession(server, other, '/member')).status, 200, 'nobody else lost anything');

    const again = await reconcile(env, folder);
    assert.deepEqual(counts(again), { revocations: 1, ended: 0, nothing_older: 1, unknown: 0 });

    // The platform gives both times in whole seconds.
    await setTimeout(1_100);
    const back = await login(stack, 'zhang-wei');
    assert.deepEqual(counts(await reconcile(env, folder)), { revocations: 1, ended: 0, nothing_older: 1, unknown: 0 });
    assert.equal((await withSession(server, back, '/member')).status, 200, 'what was agreed to since stays');
  });
}

test("where database and sessions are servers of their own, it needs their addresses and not the server's key", async (t) => {
  const store = await postgresStore(t, { withRedis: true });
  const sandbox = await startSandbox(t, store.folder);
  const env = { ...settings(store.folder, sandbox), ...store.env };
  const stack = { server: await startServer(t, store.folder, env), control: new Control(sandbox.url) };
  const [session, other] = [await login(stack, 'zhang-wei'), await login(stack, 'li-na')];
  await stack.control.withdraw('zhang-wei');
  assert.deepEqual(counts(await reconcile({ ...env, MINIAUTH_KEY_FILE: '' }, store.folder)), {
    revocations: 1,
    ended: 1,
    nothing_older: 0,
    unknown: 0,
  });
  assertProblem(await withSession(stack.server, session, '/session'), 401, 'session_unknown');
  assert.equal((await withSession(stack.server, other, '/member')).status, 200);
  assert.equal(store.query('SELECT count(*) FROM members'), '1');
});

test('all pages of a day are asked for, and a dry run changes nothing', async (t) => {
  const stack = await startBoth(t);
  const { folder, sandbox, server, control } = stack;
  const env = settings(folder, sandbox);
  const session = await login(stack, 'zhang-wei');
  for (let number = 0; number < 51; number += 1) {
    const { id } = await control.newUser();
    await control.authCode(id, 'auth_user');
    await control.withdraw(id);
  }
  await control.withdraw('zhang-wei');
  const dry = await reconcile(env, folder, '--dry-run');
  assert.deepEqual([dry.code, dry.report.dry_run, dry.report.apps[0].revocations], [0, true, 52]);
  assert.equal((await withSession(server, session, '/session')).status, 200);
  const real = await reconcile(env, folder);
  assert.deepEqual(counts(real), { revocations: 52, ended: 1, nothing_older: 0, unknown: 51 });
  const plain = await run(['reconcile'], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
  assert.equal(plain.code, 0);
  assert.match(plain.stdout, /^app 2021000000000001: 52 revocations in 7 days: 0 ended something, 1 nothing older, 51 unknown here\n$/);
});

test('each app of a file is asked for, and one alone', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const key = (name) => path.join(folder, 'sandbox', name);
  const lines = [
    'listen = "127.0.0.1:0"',
    `database = "sqlite://${path.join(folder, 'miniauth.db')}"`,
    `gateway = "${sandbox.url}/gateway.do"`,
  ];
  for (const appId of [APP_ID, OTHER_APP_ID]) {
    lines.push('[[apps]]', `app_id = "${appId}"`, `app_private_key_file = "${key('app-private-key.pem')}"`);
    lines.push(`alipay_public_key_file = "${key('alipay-public-key.pem')}"`);
  }
  const file = path.join(folder, 'miniauth.toml');
  await writeFile(file, lines.join('\n'));
  const env = { MINIAUTH_CONFIG: file };
  const { url } = await startServer(t, folder, env);
  const server = { url: `${url}/apps/${OTHER_APP_ID}` };
  const control = new Control(sandbox.url);
  const session = await login({ server, control }, 'li-na', { app_id: OTHER_APP_ID });
  await control.withdraw('li-na');

  const first = await reconcile(env, folder, '--app-id', APP_ID);
  assert.deepEqual(counts(first), { revocations: 0, ended: 0, nothing_older: 0, unknown: 0 });
  const both = await reconcile(env, folder);
  assert.deepEqual(
    both.report.apps.map((app) => [app.app_id, app.ended]),
    [
      [APP_ID, 0],
      [OTHER_APP_ID, 1],
    ],
  );
  assertProblem(await withSession(server, session, '/session'), 401, 'session_unknown');

  const whose = await reconcile(env, folder, '--user-id', '2088000000000002');
  assert.equal(whose.code, 2);
  assert.match(whose.stderr, /name the users' app with --app-id/);
  const unknown = await reconcile(env, folder, '--app-id', '2021000000000009');
  assert.deepEqual([unknown.code, /no app 2021000000000009/.test(unknown.stderr)], [2, true]);
});

for (const api of ['v2', 'v3']) {
  test(`single users are asked about by either id, however long ago it was (${api})`, async (t) => {
    const stack = await startBoth(t, { MINIAUTH_API: api });
    const { folder, sandbox, server, control } = stack;
    const env = { ...settings(folder, sandbox), MINIAUTH_API: api };
    await control.profile('ids:both');
    const [gone, here] = [await login(stack, 'zhang-wei'), await login(stack, 'li-na')];
    await control.withdraw('zhang-wei');
    const [{ user_id: userId }, { open_id: openId }] = [await control.user('zhang-wei'), await control.user('li-na')];
    const asked = await reconcile(env, folder, '--user-id', userId, '--open-id', openId);
    assert.equal(asked.code, 0, asked.stderr);
    assert.deepEqual(counts(asked), { asked: 2, revocations: 1, ended: 1, nothing_older: 0, unknown: 0 });
    assert.doesNotMatch(asked.stderr + JSON.stringify(asked.report), new RegExp(`${userId}|${openId}`), 'ids do not print');
    assertProblem(await withSession(server, gone, '/session'), 401, 'session_unknown');
    assert.equal((await withSession(server, here, '/member')).status, 200);

    const stranger = await reconcile(env, folder, '--open-id', 'open-nobody');
    assert.equal(stranger.code, 1);
    assert.match(stranger.report.apps[0].problems[0], /user 1: .*app-openid-not-match/);
  });
}

test('failed queries are reported, the rest is applied, and the exit code says so', async (t) => {
  const stack = await startBoth(t);
  const { folder, sandbox, control } = stack;
  const env = settings(folder, sandbox);
  await login(stack, 'zhang-wei');
  await control.withdraw('zhang-wei');
  await control.fault('wrong_signature', { method: 'alipay.user.deloauth.detail.query', times: 1 });
  const { code, report, stderr } = await reconcile(env, folder);
  assert.equal(code, 1);
  assert.deepEqual([report.apps[0].ended, report.apps[0].problems.length], [1, 1]);
  assert.match(report.apps[0].problems[0], /^the revocations of \d{8}: /);
  assert.match(stderr, /run it again\n$/);
});

test('a missing database is not created', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const { code, stderr } = await reconcile(settings(folder, sandbox), folder);
  assert.equal(code, 2);
  assert.match(stderr, /there is no database .*miniauth\.db/);
  await assert.rejects(access(path.join(folder, 'miniauth.db')));
  const bare = await reconcile({}, folder);
  assert.deepEqual([bare.code, /MINIAUTH_APP_ID/.test(bare.stderr)], [2, true]);
});
