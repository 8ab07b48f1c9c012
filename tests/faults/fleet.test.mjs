// Three instances on one store behind a plain round-robin proxy; one of them is killed under load.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Control, settings, startSandbox, startServer, temporaryFolder } from '../http/support.mjs';
import { Postgres } from '../support/postgres.mjs';
import { RoundRobin } from './support/round-robin.mjs';
import { post, session } from './support/wire.mjs';

const INSTANCES = 3;
const CLIENTS = 12;

/** How often each client checks its session before the kill, and how often after it. */
const CHECKS_EACH = 10;

/** How long before the kill the second logins begin, about as long as a login takes, and how far apart they are. */
const BEFORE_THE_KILL_MS = 20;
const APART_MS = 4;

/** Retries after a broken connection, at most twice, as the package does. */
async function persistent(request, count) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (attempt === 2) {
        throw error;
      }
      count();
    }
  }
}

/** Runs three instances with these extra settings, kills one, and returns the number of logins. */
async function killOneOfThree(t, folder, store = {}) {
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  await control.fault('delay', { delay_ms: 20 });
  // All clients share one address here.
  const unlimited = { MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0', MINIAUTH_REQUESTS_PER_MINUTE_PER_SESSION: '0' };
  const env = { ...settings(folder, sandbox), ...unlimited, ...store };
  const servers = [await startServer(t, folder, env)];
  while (servers.length < INSTANCES) {
    servers.push(await startServer(t, folder, env));
  }
  const proxy = await RoundRobin.start(t, servers);
  const codes = await Promise.all(Array.from({ length: CLIENTS * 3 }, () => control.authCode('zhang-wei')));
  const seen = { checks: 0, logins: 0, unknown: 0, broken: 0 };
  const broken = () => {
    seen.broken += 1;
  };

  const logIn = async (number) => {
    const body = { authcode: codes.pop(), login_id: `client-${number}-${codes.length}-0123456789` };
    const answer = await persistent(() => post(proxy, body), broken);
    seen[answer.status === 200 ? 'logins' : 'unknown'] += 1;
    if (answer.status === 200) {
      return answer.body.session;
    }
    assert.deepEqual([answer.status, answer.body.code], [409, 'code_outcome_unknown'], JSON.stringify(answer.body));
    // Retries with a new code, as a page does.
    return logIn(number);
  };
  const check = async (token) => {
    const answer = await persistent(() => session(proxy, token), broken);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    seen.checks += 1;
  };

  let begin;
  const dying = new Promise((resolve) => {
    begin = resolve;
  });
  let isKilled = false;
  let warm = 0;
  const client = async (number) => {
    const token = await logIn(number);
    // Half of the clients log in again, some of them while the instance dies.
    const second = number % 2 === 0 ? dying.then(() => wait(number * APART_MS)).then(() => logIn(number)) : undefined;
    for (let checks = 0, after = 0; after < CHECKS_EACH; checks += 1) {
      await check(token);
      if (isKilled) after += 1;
      if (checks === CHECKS_EACH && (warm += 1) === CLIENTS) begin();
    }
    const newer = await second;
    if (newer) {
      await check(newer);
    }
  };
  const load = Array.from({ length: CLIENTS }, (_, number) => client(number));
  await dying;
  await wait(BEFORE_THE_KILL_MS);
  await servers[1].kill();
  isKilled = true;
  await Promise.all(load);

  t.diagnostic(JSON.stringify(seen));
  assert.ok(seen.logins >= CLIENTS, 'only logins that the killed instance had in hand may be lost');
  const exchanges = (await control.callLog()).filter(({ method }) => method === 'alipay.system.oauth.token');
  assert.ok(exchanges.every(({ outcome }) => outcome === 'ok') && exchanges.length <= seen.logins + seen.unknown);
  return seen.logins;
}

const KEPT = 'three instances, one killed under load: no client loses its session, no code is exchanged twice';

test(`${KEPT}: over one SQLite file`, async (t) => {
  await killOneOfThree(t, await temporaryFolder(t));
});

test(`${KEPT}: over PostgreSQL, sessions too`, async (t) => {
  const folder = await temporaryFolder(t);
  const postgres = await Postgres.start(t);
  const keyFile = path.join(folder, 'server.key');
  await writeFile(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const logins = await killOneOfThree(t, folder, { MINIAUTH_DATABASE: postgres.url, MINIAUTH_KEY_FILE: keyFile });
  const stored = Number(postgres.query('SELECT count(*) FROM sessions'));
  assert.ok(stored >= logins, `${stored} sessions are in PostgreSQL after ${logins} logins`);
});
