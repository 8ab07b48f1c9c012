// kill -9 while two subjects are merged, and while a database from before subjects existed is migrated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { binary, Control, settings, startSandbox, startServer } from '../http/support.mjs';
import { start } from '../support/program.mjs';
import { postgresStore, sqliteStore } from '../support/stores.mjs';
import { numbers } from './support/random.mjs';
import { post, session } from './support/wire.mjs';

const ROUNDS = process.env.MINIAUTH_LONG ? 100 : 12;
const LOGINS = 6;

/** How many users the old database has. */
const USERS = process.env.MINIAUTH_LONG ? 1_000_000 : 40_000;
const TAKEOVERS = 3;

const STORES = { sqlite: sqliteStore, postgres: postgresStore };

for (const [name, open] of Object.entries(STORES)) {
  test(`kill -9 while two subjects become one: nobody is lost, nothing is half done (${name})`, async (t) => {
    const random = numbers(t);
    const { folder, env: store, query } = await open(t);
    const sandbox = await startSandbox(t, folder);
    const control = new Control(sandbox.url);
    const env = { ...settings(folder, sandbox), MINIAUTH_SESSIONS_PER_USER: '100', ...store };
    const seen = { 'merged before the kill': 0, 'not merged': 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const user = await control.newUser();
      const server = await startServer(t, folder, env);
      const prepared = async (ids) => {
        await control.profile(`ids:${ids}`);
        const consent = { purpose: `用于${ids}`, at: 1_780_000_000_000 };
        return { authcode: await control.authCode(user.id, 'auth_user'), scope: 'auth_user', consent };
      };
      const logIn = async (to, ids) => post(to, await prepared(ids));
      const [first, second] = [await logIn(server, 'user_id'), await logIn(server, 'open_id')];
      assert.notEqual(first.body.subject, second.body.subject);
      const bodies = await Promise.all(Array.from({ length: LOGINS }, () => prepared('both')));
      const merging = bodies.map((body) => post(server, body).catch(() => undefined));
      // Alternates between a kill after the first answer and an earlier one; the first earlier one comes at once.
      await (round % 2 === 0 ? Promise.race(merging) : wait(random() * (round - 1) * 5));
      await server.kill();
      const merged = (await Promise.all(merging)).filter((answer) => answer?.status === 200);

      const again = await startServer(t, folder, env);
      const found = await Promise.all([first, second].map((answer) => session(again, answer.body.session)));
      assert.deepEqual(
        found.map(({ status }) => status),
        [200, 200],
        'no session is lost',
      );
      assert.ok(
        found.every(({ body }) => body.member),
        'and no member',
      );
      const isOne = found[0].body.subject === found[1].body.subject;
      assert.ok(isOne || merged.length === 0, 'what was answered is there');
      seen[isOne ? 'merged before the kill' : 'not merged'] += 1;
      const last = await logIn(again, 'both');
      const all = [first, second, last, ...merged];
      for (const answer of all) {
        const { status, body } = await session(again, answer.body.session);
        assert.deepEqual([status, body.subject, body.previous_subjects.length], [200, first.body.subject, 1]);
      }
      assert.equal(Number(query('SELECT count(*) FROM subjects WHERE retired_into IS NULL')), round + 1);
      for (const table of ['members', 'grants']) {
        assert.equal(Number(query(`SELECT count(*) FROM ${table}`)), round + 1, table);
      }
      await again.kill();
    }
    t.diagnostic(JSON.stringify(seen));
    assert.ok(
      Object.values(seen).every((count) => count > 0),
      'the kills came before and after',
    );
  });
}

/** Users with everything a user can have. Every tenth is known by each id separately, and so is stored as two. */
const numbered = (rows, bytes) => `
  INSERT INTO members (app_id, subject, open_id, user_id, nick_name, stored_at)
    SELECT 'a', 'open-' || i, 'open-' || i, '2088' || (100000000000 + i), '用户' || i, i FROM ${rows};
  INSERT INTO members (app_id, subject, open_id, user_id, nick_name, stored_at)
    SELECT 'a', '2088' || (100000000000 + i), NULL, '2088' || (100000000000 + i), 'old', i - 1 FROM ${rows} WHERE i % 10 = 0;
  INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token, access_expires_at, refresh_expires_at,
                      granted_at, over_at)
    SELECT 1000000000 + i, 'a', 'open-' || i, 'auth_user', 'k', ${bytes}, ${bytes}, i, NULL, i, 9000000000000 FROM ${rows};
  INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope)
    SELECT ${bytes}, 1000000000 + i, i, 9000000000000, 'a', 'open-' || i, 'auth_user' FROM ${rows};
  INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at)
    SELECT 'a', 'open-' || i, 'auth_user', '用于显示会员等级', i, i FROM ${rows};`;

/** What the server logs as soon as the migration begins. */
const PROGRESS = { sqlite: 'bringing the tables up to date', postgres: 'subjects, 1 of 5' };

/** Inserts all users of the old database. */
const ROWS = {
  sqlite: `CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${USERS}) SELECT i FROM n;
    ${numbered('n', 'randomblob(32)')}`,
  postgres: numbered(`generate_series(1, ${USERS}) AS n(i)`, "decode(md5(random()::text) || md5(i::text), 'hex')"),
};

for (const [name, open] of Object.entries(STORES)) {
  test(`kill -9 while ${USERS} users of before are taken over (${name})`, async (t) => {
    const random = numbers(t);
    const { folder, env: store, query, makeOld } = await open(t);
    const sandbox = await startSandbox(t, folder);
    const env = { ...settings(folder, sandbox), ...store };
    makeOld(ROWS[name]);
    const wanted = { members: USERS, grants: USERS, sessions: USERS, consents: USERS };

    for (let kill = 0; kill < TAKEOVERS; kill += 1) {
      const program = start(t, [binary, 'serve'], { cwd: folder, env });
      await program.logs(PROGRESS[name]);
      await wait(random() * 100);
      await program.kill();
      assert.doesNotMatch(program.output, /listening/, 'it was killed before its end');
    }
    const isOld = name === 'sqlite' ? query('PRAGMA user_version') === '6' : query("SELECT to_regclass('subjects') IS NULL") === 't';
    assert.ok(isOld, 'all is as it was');

    const begun = performance.now();
    const server = await startServer(t, folder, env);
    t.diagnostic(`taken over in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    for (const [table, rows] of Object.entries(wanted)) {
      assert.equal(Number(query(`SELECT count(*) FROM ${table}`)), rows, table);
    }
    assert.equal(Number(query('SELECT count(*) FROM subjects WHERE retired_into IS NULL')), USERS);
    assert.equal(Number(query('SELECT count(*) FROM subjects WHERE retired_into IS NOT NULL')), USERS / 10);
    assert.equal(Number(query('SELECT count(*) FROM subjects WHERE open_id IS NOT NULL AND user_id IS NOT NULL')), USERS);
    assert.equal(Number(query("SELECT count(*) FROM members WHERE nick_name = 'old'")), 0, 'the newer member stays');
    await server.kill();
  });
}
