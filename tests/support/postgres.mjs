// Starts a real PostgreSQL of a test's own: loopback only, no password, everything in a temporary folder.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Debian and Ubuntu keep each major version in a folder of its own, off the search path. */
const DEBIAN = '/usr/lib/postgresql';

const USER = 'miniauth';
const DATABASE = 'postgres';
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

const isServer = (folder) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(path.join(folder, name)));

/**
 * The folder with PostgreSQL's programs: MINIAUTH_POSTGRES_BIN, else where initdb is on the search path, else the newest
 * version in Debian's folder.
 *
 * @throws when there is none, saying what to install, or when the variable names another place
 */
function programs() {
  const named = process.env.MINIAUTH_POSTGRES_BIN;
  if (named) {
    assert.ok(isServer(named), `MINIAUTH_POSTGRES_BIN is ${named}, which does not hold initdb, postgres and psql.`);
    return named;
  }
  const onPath = () => process.env.PATH.split(path.delimiter)
    .map((folder) => path.join(folder, 'initdb'))
    .filter((file) => existsSync(file))
    // What is on the path may be a link to one program only: its siblings are where it really is.
    .map((file) => path.dirname(realpathSync(file)));
  const debian = () => (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
    .filter((version) => /^\d+$/.test(version))
    .sort((one, other) => other - one)
    .map((version) => path.join(DEBIAN, version, 'bin'));
  const found = [...onPath(), ...debian()].find(isServer);
  assert.ok(found, 'PostgreSQL is missing: install it (Debian: apt-get install postgresql), or set MINIAUTH_POSTGRES_BIN.');
  return found;
}

/** PostgreSQL refuses to run as root: then its own user is taken, else `nobody`, by number. */
function owner() {
  if (process.geteuid() !== 0) {
    return {};
  }
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => users.filter(([user]) => user === name))[0];
  assert.ok(found, 'PostgreSQL cannot run as root, and this system has neither a user `postgres` nor a user `nobody`.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that lives for one test. */
export class Postgres {
  #bin = programs();
  #child;
  /** The address of its database, which is empty at first. */
  url;

  /** Makes a database cluster, starts a server on it and waits until that lets its user in. */
  static async start(t) {
    const postgres = new Postgres();
    const folder = mkdtempSync(path.join(tmpdir(), 'miniauth-postgres-'));
    t.after(() => postgres.#end(folder));
    const options = { cwd: folder, ...owner() };
    if (options.uid !== undefined) {
      chownSync(folder, options.uid, options.gid);
    }
    const cluster = ['--username', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--pgdata', 'data'];
    execFileSync(path.join(postgres.#bin, 'initdb'), cluster, { ...options, stdio: 'pipe' });
    const port = await freePort();
    postgres.url = `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`;
    await postgres.#launch(port, options);
    return postgres;
  }

  async #launch(port, options) {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
    const args = ['-D', 'data', '-p', port, ...settings.flatMap((setting) => ['-c', setting])];
    this.#child = spawn(path.join(this.#bin, 'postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
    });
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!this.#letsIn()) {
      assert.ok(this.#child.exitCode === null && performance.now() < deadline, `PostgreSQL did not start: ${log}`);
      await wait(LOOK_EVERY_MS);
    }
  }

  async #end(folder) {
    if (this.#child?.exitCode === null) {
      const exited = once(this.#child, 'exit');
      // The immediate shutdown: it waits for no client and for no disk.
      this.#child.kill('SIGQUIT');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  }

  #letsIn() {
    try {
      return this.query('SELECT 1') === '1';
    } catch {
      return false;
    }
  }

  /** What a query gives, as text: a line for each row. */
  query(sql) {
    const args = ['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql, this.url];
    return execFileSync(path.join(this.#bin, 'psql'), args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  }
}
