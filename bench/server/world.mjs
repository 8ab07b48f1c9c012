// The basis of every measurement: a sandbox, a folder, and the servers to compare.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environment } from '../../tests/support/program.mjs';
import { MEASURED, OTHERS, Server } from './processes.mjs';

const PEER = path.join(import.meta.dirname, 'peer/server.mjs');

/** The sandbox's users, used in turn. */
const USERS = ['zhang-wei', 'li-na', 'emoji'];

/**
 * A server's stores.
 *
 * @typedef {{
 *   name: string, database: string, sessions?: string, processes?: number[],
 *   fill: (from: number, to: number) => Promise<void> | void,
 * }} Store `processes` are the databases', `fill` adds members and their sessions
 */

export class World {
  #binary;
  #tools;
  #servers = [];
  #users = [];
  #backends = new Map();
  folder;
  config;

  /**
   * @param {string} binary the program `miniauth`
   * @param {Record<string, string>} tools the programs of bench/server/tools
   */
  static async start(binary, tools) {
    const world = new World();
    world.#binary = binary;
    world.#tools = tools;
    world.folder = await mkdtemp(path.join(tmpdir(), 'miniauth-bench-server-'));
    const command = [binary, 'sandbox', '--listen', '127.0.0.1:0', '--state-dir', world.at('sandbox'), '--print-config'];
    const sandbox = await Server.start(OTHERS, command, { log: world.at('sandbox.log') });
    world.#servers.push(sandbox);
    const [description] = await sandbox.line(/^\{.*/);
    world.config = JSON.parse(description);
    await writeFile(world.at('sandbox.json'), description);
    await writeFile(world.at('server.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    return world;
  }

  at(name) {
    return path.join(this.folder, name);
  }

  /** The load generator. */
  get load() {
    return this.#tools['bench-load'];
  }

  /** Starts `miniauth serve` on a store, without rate limits. */
  serve(store) {
    return this.#begin([this.#binary, 'serve'], this.#settings(store), store.processes);
  }

  /** Returns the header of a back-end that may read members, and its secret's hash for the peer. */
  backend(store) {
    let secret = this.#backends.get(store.database);
    if (!secret) {
      const command = ['backends', 'add', 'bench', '--claims', 'member'];
      secret = execFileSync(this.#binary, command, { encoding: 'utf8', env: environment(this.#settings(store)) }).trim();
      this.#backends.set(store.database, secret);
    }
    const hash = createHash('sha256').update(secret).digest('hex');
    return { authorization: `Basic ${Buffer.from(`bench:${secret}`).toString('base64')}`, hash };
  }

  #settings(store) {
    return {
      MINIAUTH_LISTEN: '127.0.0.1:0',
      MINIAUTH_DATABASE: store.database,
      ...(store.sessions && { MINIAUTH_SESSION_STORE: store.sessions }),
      MINIAUTH_KEY_FILE: this.at('server.key'),
      MINIAUTH_APP_ID: this.config.app_id,
      MINIAUTH_APP_PRIVATE_KEY_FILE: this.at('sandbox/app-private-key.pem'),
      MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: this.at('sandbox/alipay-public-key.pem'),
      MINIAUTH_GATEWAY: this.config.gateway,
      MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0',
      MINIAUTH_REQUESTS_PER_MINUTE_PER_SESSION: '0',
      MINIAUTH_INTROSPECTIONS_PER_MINUTE_PER_BACKEND: '0',
      MINIAUTH_TOKEN_AUDIENCES: 'bench',
    };
  }

  /** Starts an axum app on a store, with and without the check, which may cache a session for so many seconds. */
  app(store, staleness) {
    const sessions = store.sessions ? ['--sessions', store.sessions] : [];
    const files = ['--sandbox', this.at('sandbox.json'), '--key', this.at('server.key'), '--database', store.database];
    const command = [this.#tools['bench-app'], ...files, ...sessions, '--staleness', String(staleness)];
    return this.#begin(command, {}, store.processes);
  }

  /** Starts the peer on a store, which may be a file with this name. */
  peer(store, backendHash = '') {
    const { database, sessions, processes } = typeof store === 'string' ? { database: this.at(store) } : store;
    const command = [process.execPath, PEER, this.at('sandbox.json'), database, ...(sessions ? [sessions] : [])];
    return this.#begin(command, { NODE_ENV: 'production', PEER_BACKEND_HASH: backendHash }, processes);
  }

  async #begin(command, env, helpers = []) {
    const server = await Server.start(MEASURED, command, { env, log: this.at('server.log') });
    server.helpers = helpers;
    this.#servers.push(server);
    return server;
  }

  /** Measures the processor time of two signatures and two verifications, in microseconds. */
  floor() {
    return Number(execFileSync(this.#tools['bench-floor'], [this.at('sandbox.json')], { encoding: 'utf8' }));
  }

  /** Measures the processor time of verifying a token by jsonwebtoken, and of its bare signature, in microseconds; `keys` is a file. */
  verify(token, keys, audience) {
    return JSON.parse(execFileSync(this.#tools['bench-verify'], [token, keys, audience], { encoding: 'utf8' }));
  }

  /** Calls the sandbox's control interface. */
  async control(method, where, body) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.config.control}/${where}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** Returns so many users of the sandbox besides {@link USERS}, the same each time. */
  async users(count) {
    while (this.#users.length < count) this.#users.push((await this.control('POST', 'users', {})).id);
    return this.#users.slice(0, count);
  }

  /** Writes a file of bodies for `/auth`, each with its own code, for users in turn. */
  async logins(count, { users = USERS, scope = 'auth_user' } = {}) {
    if (scope === 'auth_user') {
      for (const user of users) await this.control('POST', 'consent', { user, scope, decision: 'accept' });
    }
    const lines = [];
    while (lines.length < count) {
      const first = lines.length;
      const issue = (_, index) => this.control('POST', 'auth-codes', { user: users[(first + index) % users.length], scopes: [scope] });
      const issued = await Promise.all(Array.from({ length: Math.min(50, count - first) }, issue));
      lines.push(...issued.map(({ auth_code: authcode }) => JSON.stringify({ authcode, scope })));
    }
    return this.write('logins', lines);
  }

  async write(name, lines) {
    await writeFile(this.at(name), `${lines.join('\n')}\n`);
    return this.at(name);
  }

  async end() {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
