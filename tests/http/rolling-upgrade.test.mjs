// Replaces three instances behind nginx one after another under load, as docs/production.md says, while the tables in PostgreSQL change.
// Every request is answered, at worst by a 503 that says when to retry. An ordinary run has this version on both sides, changes the tables
// as a later version would, and keeps sessions in PostgreSQL. `--long` also tries sessions in Redis, and the version before the audit,
// whose tables lack one.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BEFORE_AUDIT, buildProgram } from '../support/first-release.mjs';
import { startNginx } from '../support/nginx.mjs';
import { freeAddress } from '../support/ports.mjs';
import * as programs from '../support/program.mjs';
import { postgresStore } from '../support/stores.mjs';
import { binary, curl, makeCertificate, settings, startSandbox, startServer } from './support.mjs';

const DEPLOY = path.join(import.meta.dirname, '../../deploy');

/** How many pages ask at once. */
const PAGES = 6;

/** Pages that keep logging in and checking sessions, each request on its own connection. */
class Load {
  /** Answers so far, and how many of them said to retry. */
  answers = 0;
  later = 0;
  sessions = [];
  #failed = [];
  #ends = false;
  #front;
  #ca;
  #sandbox;
  #pages;

  constructor(front, ca, sandbox) {
    [this.#front, this.#ca, this.#sandbox] = [front, ca, sandbox];
    this.#pages = Array.from({ length: PAGES }, () => this.#page().catch((error) => this.#failed.push(error)));
  }

  async #page() {
    const posted = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    while (!this.#ends) {
      const made = await fetch(`${this.#sandbox}/control/auth-codes`, posted({ user: 'zhang-wei', scopes: ['auth_base'] }));
      const { auth_code: authcode } = await made.json();
      const body = JSON.stringify({ authcode, login_id: `rolling-upgrade-${authcode}`.slice(0, 64) });
      const { session } = JSON.parse(await this.ask('POST', '/auth', { 'content-type': 'application/json' }, body));
      this.sessions.push(session);
      for (let check = 0; check < 8 && !this.#ends; check += 1) await this.check(session);
    }
  }

  check(session) {
    return this.ask('GET', '/session', { authorization: `Bearer ${session}` });
  }

  /** Repeats a request until the answer is 200. */
  async ask(method, where, headers, body) {
    for (;;) {
      const { status, retryAfter, text } = await this.#send(method, where, headers, body);
      this.answers += 1;
      if (status === 200) return text;
      if (status !== 503 || !(Number(retryAfter) >= 1)) throw new Error(`${method} ${where}: ${status} ${text}`);
      this.later += 1;
      await wait(50);
    }
  }

  #send(method, where, headers, body) {
    return new Promise((resolve, reject) => {
      const asking = request(`${this.#front}${where}`, { method, headers, ca: this.#ca, agent: false }, (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (chunk) => {
            text += chunk;
          })
          .on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, retryAfter: answer.headers['retry-after'], text }));
      });
      asking.on('error', (error) => reject(new Error(`${method} ${where}: ${error.message}`, { cause: error }))).end(body);
    });
  }

  /** Waits for this many further answers. */
  async further(count) {
    const enough = this.answers + count;
    while (this.answers < enough && this.#failed.length === 0) await wait(10);
    assert.deepEqual(this.#failed, []);
  }

  async end() {
    this.#ends = true;
    await Promise.all(this.#pages);
    assert.deepEqual(this.#failed, []);
  }
}

/** Returns the children of a process. */
async function childrenOf(pid) {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
}

async function isGone(pid) {
  return readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => stat.split(' ')[2] === 'Z',
    () => true,
  );
}

/**
 * Replaces three instances of an old program with the one under test.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} old the old program
 * @param {(store: import('../support/stores.mjs').Store) => void} change changes the tables before the first instance is replaced
 * @param {{ withRedis: boolean }} sessions whether they are in Redis
 */
async function roll(t, old, change, { withRedis }) {
  const store = await postgresStore(t, { withRedis });
  const { folder } = store;
  const sandbox = await startSandbox(t, folder);
  const further = {
    MINIAUTH_TRUSTED_PROXIES: '127.0.0.1',
    MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0',
    MINIAUTH_SESSIONS_PER_USER: '1000',
  };
  const hosts = [];
  while (hosts.length < 3) hosts.push(await freeAddress());
  const start = (host, program) =>
    startServer(t, folder, { ...settings(folder, sandbox), ...store.env, ...further, MINIAUTH_LISTEN: host }, { program });
  const servers = [];
  for (const host of hosts) servers.push(await start(host, old));

  const { certificate, key } = makeCertificate(folder, 'tls');
  const front = `https://${await freeAddress()}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path tmp-${of};`);
  const [one, two, three] = hosts;
  const nginx = await startNginx(t, {
    folder,
    conf: `daemon off; pid nginx.pid; error_log stderr warn;\n${await readFile(path.join(DEPLOY, 'nginx.conf'), 'utf8')}`,
    words: {
      'http {': `http {\n${temporary.join('\n')}`,
      'server server-1:8701': `server ${one}`,
      'server server-2:8701': `server ${two} max_fails=1 fail_timeout=2s;\n        server ${three}`,
      'listen 443 ssl': `listen ${new URL(front).host} ssl`,
      '/run/secrets/tls.pem': certificate,
      '/run/secrets/tls-key.pem': key,
    },
    ask: () => curl('--cacert', certificate, front),
  });
  const conf = path.join(folder, 'nginx.conf');
  /** Reloads nginx with a changed configuration, and waits until the processes with the old one have ended. */
  const reload = async (from, to) => {
    const written = await readFile(conf, 'utf8');
    assert.ok(written.includes(from));
    const before = await childrenOf(nginx.pid);
    await writeFile(conf, written.replace(from, to));
    nginx.signal('SIGHUP');
    for (const pid of before) while (!(await isGone(pid))) await wait(10);
  };

  const load = new Load(front, await readFile(certificate, 'utf8'), sandbox.url);
  await load.further(60);
  const migrations = () => Number(store.query('SELECT count(*) FROM _sqlx_migrations'));
  const counts = [migrations()];
  change(store);
  await load.further(60);
  for (const [index, host] of hosts.entries()) {
    await reload(`server ${host} `, `server ${host} down `);
    await servers[index].stop();
    servers[index] = await start(host, binary);
    assert.equal((await curl(`${servers[index].url}/readyz`)).status, 200);
    counts.push(migrations());
    await reload(`server ${host} down `, `server ${host} `);
    // Old and new instances answer side by side.
    await load.further(80);
  }
  await load.end();
  assert.ok(servers.every((server) => server.running));
  // Sessions from before, during and after the change are all valid, whichever instance made them.
  for (const session of load.sessions) await load.check(session);
  t.diagnostic(`${load.answers} answers, ${load.sessions.length} of them logins; ${load.later} were 503 with Retry-After, none failed`);
  return { store, counts, start };
}

for (const withRedis of process.env.MINIAUTH_LONG ? [false, true] : [false]) {
  test(`three instances are replaced one after another while the tables change, and no request fails: sessions in ${withRedis ? 'Redis' : 'PostgreSQL'}`, async (t) => {
    // Changes that a migration may make while the old version runs.
    const { store, counts } = await roll(
      t,
      binary,
      ({ query }) => {
        query('ALTER TABLE subjects ADD COLUMN of_a_later_version bigint');
        query('ALTER TABLE sessions ADD COLUMN of_a_later_version text');
        query("ALTER TABLE grants ADD COLUMN of_a_later_version text NOT NULL DEFAULT ''");
        query('CREATE TABLE of_a_later_version (id bigint PRIMARY KEY)');
      },
      { withRedis },
    );
    assert.equal(new Set(counts).size, 1);
    assert.equal(store.query('SELECT count(*) = 0 FROM sessions'), withRedis ? 't' : 'f');
  });

  if (process.env.MINIAUTH_LONG) {
    test(`three instances of the version before the audit are replaced by this one, which brings the tables up to date: sessions in ${withRedis ? 'Redis' : 'PostgreSQL'}`, async (t) => {
      const old = await buildProgram(BEFORE_AUDIT, console.log);
      const { store, counts } = await roll(t, old, () => {}, { withRedis });
      assert.equal(counts[0], 11, 'its tables');
      assert.ok(counts[1] > 11 && new Set(counts.slice(1)).size === 1, `the first new one brings them up to date: ${counts}`);
      // The old version no longer starts on the new tables.
      const env = { ...settings(store.folder, { url: 'http://127.0.0.1:1' }), ...store.env };
      const late = await programs.run([old, 'serve'], { cwd: store.folder, env, timeout: 30_000, stdio: ['ignore', 'pipe', 'pipe'] });
      assert.equal(late.code, 1);
      assert.match(late.stderr, /migration/);
    });
  }
}
