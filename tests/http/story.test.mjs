// Follows one user from a database of version 0.1 to erasure, while the platform moves the app from user_id to open_id, and the user
// withdraws consent and agrees again. Prints what the real programs say.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MessageProxy } from '../support/message-proxy.mjs';
import { redis } from '../support/redis.mjs';
import { postgresStore, sqliteStore } from '../support/stores.mjs';
import { APP_ID, Control, postAuth, settings, startSandbox, startServer, withSession } from './support.mjs';

const DAY = 24 * 3600 * 1000;

/** The id of the user's old grant, which becomes the subject's id. */
const GRANT = 4711;

const STORES = {
  SQLite: sqliteStore,
  'PostgreSQL with Redis': (t) => postgresStore(t, { withRedis: true }),
};

/** Runs and prints the steps, with the store, server and user they work on. */
class Story {
  #steps = 0;
  #logged = 0;

  constructor({ store, server, control, user }) {
    Object.assign(this, { store, server, control, user });
  }

  step(title) {
    this.#steps += 1;
    console.log(`\n  ${this.#steps}. ${title}`);
  }

  say(text) {
    console.log(`       ${text}`);
  }

  /** Logs the user in; the platform's answer names the user by these ids. */
  async logIn(ids, consent) {
    const { control, user } = this;
    await control.profile(`ids:${ids}`);
    const scope = consent ? 'auth_user' : 'auth_base';
    const body = {
      authcode: await control.authCode(user.id, scope),
      scope,
      ...(consent && { consent: { purpose: consent, at: Date.now() } }),
    };
    const answer = await postAuth(this.server, body);
    const { session, subject, member } = answer.body;
    this.say(`POST /auth, ${scope}, answered by the gateway with ${ids} -> ${answer.status} subject ${subject}, member ${told(member)}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return { session, subject, member };
  }

  async ask(session, where, method = 'GET') {
    const answer = await withSession(this.server, session, where, '--request', method);
    this.say(`${method} ${where} -> ${answer.status} ${toldOf(answer)}`);
    return answer;
  }

  /** Withdraws the user's consent, and waits for the platform's message. */
  async withdraw() {
    const { control, user } = this;
    await control.withdraw(user.id);
    const message = await control.message();
    // The platform gives the start of an authorisation in whole seconds, and nobody agrees again within one.
    await wait(1_000);
    return this.told(message);
  }

  told(message) {
    const { status, answer } = message.deliveries.at(-1);
    this.say(`${message.method}, delivery ${message.deliveries.length} -> ${status} ${answer}, ${message.state}`);
    this.serves(/a user withdrew consent/);
    return message;
  }

  /** Prints the matching lines that the server has logged since the last time. */
  serves(pattern) {
    const lines = this.server.log.split('\n').slice(0, -1);
    for (const line of lines.slice(this.#logged)) if (pattern.test(line)) this.say(`miniauth serve: ${line}`);
    this.#logged = lines.length;
  }

  /** Checks that none of these sessions is active. */
  async ended(sessions) {
    for (const session of sessions) assert.equal((await this.ask(session, '/session')).body.code, 'session_unknown');
  }

  /** Prints and checks how many rows each table has. */
  rows(wanted) {
    const count = (table) => Number(this.store.query(`SELECT count(*) FROM ${table}`));
    const found = Object.fromEntries(Object.keys(wanted).map((table) => [table, count(table)]));
    this.say(
      `tables: ${Object.entries(found)
        .map(([table, rows]) => `${rows} ${table}`)
        .join(', ')}`,
    );
    assert.deepEqual(found, wanted);
  }
}

const told = (member) => (member ? `${member.nick_name} (${['user_id', 'open_id'].filter((id) => member[id]).join(', ')})` : 'none');

function toldOf({ body }) {
  if (body?.code) return body.code;
  if (body?.reported_consents) return body.reported_consents.map(({ purpose }) => purpose).join('; ');
  return body?.subject ? `subject ${body.subject}, member ${told(body.member)}` : '';
}

/** Stores what version 0.1 left of the user, known by user_id: a member, a grant, a consent and a session. */
async function leaveAsBefore(store, user, bearer) {
  const hash = createHash('sha256').update(bearer).digest();
  const [now, end] = [Date.now() - DAY, Date.now() + 300 * DAY];
  const owner = `'${APP_ID}', '${user.user_id}'`;
  const token = store.bytes(randomBytes(40));
  store.makeOld(`
    INSERT INTO members (app_id, subject, user_id, nick_name, stored_at) VALUES (${owner}, '${user.user_id}', '旧昵称', ${now});
    INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token, access_expires_at, refresh_expires_at, granted_at, over_at)
      VALUES (${GRANT}, ${owner}, 'auth_user', 'before', ${token}, ${token}, ${end}, ${end}, ${now}, ${end});
    INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at) VALUES (${owner}, 'auth_user', '以前的用途', ${now}, ${now})`);
  if (!store.redis) {
    store.query(`INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope)
      VALUES (${store.bytes(hash)}, ${GRANT}, ${now}, ${end}, ${owner}, 'auth_user') RETURNING 1`);
    return;
  }
  const numbers = Buffer.alloc(24);
  [GRANT, now, end].forEach((number, place) => numbers.writeBigInt64BE(BigInt(number), place * 8));
  await redis(store.redis, [
    ['SET', Buffer.concat([Buffer.from('miniauth:session:'), hash]), numbers],
    ['ZADD', Buffer.concat([Buffer.from('miniauth:grant:'), numbers.subarray(0, 8)]), String(now), hash],
  ]);
}

for (const [name, open] of Object.entries(STORES)) {
  test(`the story of one user, on ${name}`, async (t) => {
    console.log(`\nThe story of one user, on ${name}`);
    const store = await open(t);
    const sandbox = await startSandbox(t, store.folder);
    const control = new Control(sandbox.url);
    const user = await control.newUser();
    const bearer = randomBytes(32).toString('base64url');
    await leaveAsBefore(store, user, bearer);
    const server = await startServer(t, store.folder, { ...settings(store.folder, sandbox), ...store.env });
    const story = new Story({ store, server, control, user });

    story.step('A database of version 0.1 is taken over: a member known by user_id, with a session.');
    story.serves(/tables up to date|subjects, |withdrawals/);
    const before = await story.ask(bearer, '/session');
    assert.deepEqual([before.status, before.body.member.user_id, before.body.member.nick_name], [200, user.user_id, '旧昵称']);
    const { subject } = before.body;

    story.step('The user logs in, and the platform names the user_id alone, as before.');
    assert.equal((await story.logIn('user_id')).subject, subject);

    story.step('The platform names both ids. The user agrees once more, and the member is read anew.');
    const both = await story.logIn('both', '用于显示会员等级');
    assert.deepEqual(
      [both.subject, both.member.user_id, both.member.open_id, both.member.nick_name],
      [subject, user.user_id, user.open_id, user.nick_name],
    );

    story.step('The platform names the open_id alone: the same user, one member, one history of consents.');
    const last = await story.logIn('open_id');
    assert.deepEqual([last.subject, last.member.nick_name], [subject, user.nick_name]);
    const consents = await story.ask(last.session, '/consents');
    assert.deepEqual(
      consents.body.reported_consents.map(({ purpose }) => purpose),
      ['用于显示会员等级', '以前的用途'],
    );
    assert.equal((await story.ask(bearer, '/session')).body.subject, subject, 'the session of before lives');
    story.rows({ subjects: 1, members: 1, grants: 1, consents: 2 });

    story.step(
      'The user takes the consent back in the settings. The platform says so, signed; sessions and member end, the subject stays.',
    );
    const proxy = await MessageProxy.start(t, server);
    await control.messageAddress(proxy.url);
    assert.equal((await story.withdraw()).state, 'delivered');
    await story.ended([bearer, both.session, last.session]);
    story.rows({ subjects: 1, members: 0, grants: 0, consents: 2 });

    story.step('The user comes back: known by a silent login, a member again after agreeing again.');
    const silent = await story.logIn('open_id');
    assert.deepEqual([silent.subject, silent.member], [subject, null]);
    const again = await story.logIn('open_id', '重新成为会员');
    assert.deepEqual([again.subject, again.member.nick_name], [subject, user.nick_name]);

    story.step('The first message comes once more. It takes nothing back that was agreed to since.');
    const repeated = await proxy.post(proxy.forms[0]);
    story.say(`the same form -> ${repeated.status} ${repeated.text}`);
    story.serves(/a user withdrew consent/);
    assert.deepEqual(repeated, { status: 200, text: 'success' });
    assert.equal((await story.ask(again.session, '/session')).body.member.nick_name, user.nick_name);

    story.step('Another one is lost on its way, and comes after the user has agreed again: as harmless.');
    proxy.open = false;
    assert.equal((await story.withdraw()).state, 'waiting');
    const meanwhile = await story.logIn('both', '再次成为会员');
    proxy.open = true;
    await control.passTime(120);
    assert.equal(story.told(await control.message(2)).state, 'delivered');
    assert.equal((await story.ask(meanwhile.session, '/session')).body.member.nick_name, user.nick_name);
    story.rows({ subjects: 1, members: 1, grants: 1, consents: 4 });

    story.step('The user has everything erased. Who comes back is somebody new.');
    assert.equal((await story.ask(meanwhile.session, '/member', 'DELETE')).status, 204);
    await story.ended([silent.session, again.session, meanwhile.session]);
    story.rows({ subjects: 0, members: 0, grants: 0, consents: 0 });
    const stranger = await story.logIn('both');
    assert.ok(stranger.subject !== subject && stranger.member === null);
  });
}
