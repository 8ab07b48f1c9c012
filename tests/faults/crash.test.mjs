// kill -9 in the middle of logins, at random points: answered logins are kept, no code is exchanged twice, and the database
// is intact.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, settings, startSandbox, startServer, temporaryFolder } from '../http/support.mjs';
import { numbers } from './support/random.mjs';
import { post, session } from './support/wire.mjs';

const ROUNDS = process.env.MINIAUTH_LONG ? 200 : 20;
const LOGINS = 6;

/** Slows the gateway down, so that a kill can come in the middle of a login. */
const GATEWAY_DELAY_MS = 20;

/** The longest time from the cue to the kill: about as long as a login takes. */
const LATEST_KILL_MS = 80;

const EXCHANGE = 'alipay.system.oauth.token';
const USERS = ['zhang-wei', 'li-na', 'emoji', 'quotes'];

/** Prepares the posts of one round. */
async function prepare(control, random, round) {
  const posts = [];
  for (let number = 0; number < LOGINS; number += 1) {
    const scope = random() < 0.5 ? 'auth_base' : 'auth_user';
    const authcode = await control.authCode(USERS[number % USERS.length], scope);
    posts.push({ authcode, scope, login_id: `round-${round}-login-${number}-0123` });
  }
  return posts;
}

/**
 * Sends all posts, and kills the server a random time after some of them, or none, were answered: so the kills hit every
 * part of a login on fast and slow machines. Returns the answers that came before the kill.
 */
async function killed(server, posts, random) {
  const cue = Math.floor(random() * LOGINS);
  let answered = 0;
  let give;
  const given = new Promise((resolve) => {
    give = resolve;
  });
  const answers = posts.map(async (body) => {
    await wait(random() * 100);
    const answer = await post(server, body).catch(() => undefined);
    answered += 1;
    if (answered === cue) {
      give();
    }
    return answer;
  });
  await (cue > 0 && given);
  await wait(random() * LATEST_KILL_MS);
  await server.kill();
  return Promise.all(answers);
}

/** Returns the result of the database's own integrity check. */
function integrity(folder) {
  const script = 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])';
  return execFileSync('python3', ['-c', script, path.join(folder, 'miniauth.db')], { encoding: 'utf8' }).trim();
}

test(`kill -9 during logins, ${ROUNDS} times`, async (t) => {
  const random = numbers(t);
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  await control.fault('delay', { delay_ms: GATEWAY_DELAY_MS });
  const env = settings(folder, sandbox);
  const seen = { answered: 0, 'done but unanswered': 0, 'outcome unknown': 0, 'not begun': 0 };
  let last = 0;
  const newExchanges = async () => {
    const calls = await control.callLog(last);
    last = calls.at(-1)?.sequence ?? last;
    return calls.filter(({ method }) => method === EXCHANGE);
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const posts = await prepare(control, random, round);
    const answers = await killed(await startServer(t, folder, env), posts, random);
    assert.equal(integrity(folder), 'ok');
    const before = await newExchanges();

    const again = await startServer(t, folder, env);
    const repeated = await Promise.all(posts.map((body) => post(again, body)));
    for (const [number, answer] of answers.entries()) {
      const { status, body } = repeated[number];
      if (status === 409) {
        assert.deepEqual([answer, body.code], [undefined, 'code_outcome_unknown']);
        continue;
      }
      assert.equal(status, 200, JSON.stringify(body));
      const found = await session(again, answer?.body.session ?? body.session);
      assert.equal(found.status, 200, 'a login that was answered is there afterwards');
      if (answer) {
        assert.deepEqual([answer.status, answer.body.session], [200, body.session], 'its repetition is answered the same');
        // Another of these logins may have made the user a member since.
        const { member } = answer.body;
        assert.ok(!member || found.body.member.user_id === member.user_id, 'and so is its member');
      }
    }
    const after = await newExchanges();
    for (const { outcome } of [...before, ...after]) {
      assert.equal(outcome, 'ok', 'a code that comes twice is refused by the platform');
    }
    const answered = answers.filter(Boolean).length;
    const unknown = repeated.filter(({ status }) => status === 409).length;
    seen.answered += answered;
    seen['outcome unknown'] += unknown;
    seen['not begun'] += after.length;
    seen['done but unanswered'] += posts.length - answered - unknown - after.length;
    assert.ok(before.length + after.length <= posts.length, 'no more exchanges than codes');
    await again.kill();
  }
  t.diagnostic(JSON.stringify(seen));
  const { answered, ...interrupted } = seen;
  assert.ok(answered > 0 && Object.values(interrupted).some((count) => count > 0), 'the kills came in the middle');
});
