// The storage of a test's server, also in the state that version 0.1 left it in.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Postgres } from './postgres.mjs';
import { sqlite } from './sqlite.mjs';

/**
 * @typedef {object} Store
 * @property {string} folder for everything that the test's programs write
 * @property {Record<string, string>} env the settings, besides those for the folder
 * @property {(sql: string) => string} query returns a query's result as text
 * @property {(bytes: Buffer) => string} bytes a value as SQL
 * @property {(rows: string) => void} makeOld creates the tables as they were before subjects, and runs statements on them
 * @property {string} [redis] the address of the Redis with the sessions
 */

/** The number of migrations before subjects: those of the first release. */
const OLD = { sqlite: 6, postgres: 2 };
const MIGRATIONS = path.join(import.meta.dirname, '../../crates/server/migrations');

function oldTables(kind) {
  const files = readdirSync(path.join(MIGRATIONS, kind)).sort().slice(0, OLD[kind]);
  return files.map((file) => readFileSync(path.join(MIGRATIONS, kind, file), 'utf8'));
}

async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-store-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns {Promise<Store>} SQLite in a file in the folder */
export async function sqliteStore(t) {
  const folder = await temporaryFolder(t);
  return {
    folder,
    env: {},
    query: (sql) => sqlite(folder, sql),
    bytes: (bytes) => `x'${bytes.toString('hex')}'`,
    makeOld: (rows) =>
      void sqlite(folder, ...oldTables('sqlite'), `PRAGMA user_version = ${OLD.sqlite}`, `BEGIN; ${rows}; COMMIT`, 'SELECT 1'),
  };
}

/** @returns {Promise<Store>} PostgreSQL, and Redis for the sessions if requested */
export async function postgresStore(t, { withRedis = false } = {}) {
  const [folder, postgres] = [await temporaryFolder(t), await Postgres.start(t, { withRedis })];
  const keyFile = path.join(folder, 'server.key');
  await writeFile(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const { url, redis } = postgres;
  return {
    folder,
    env: { MINIAUTH_DATABASE: url, MINIAUTH_KEY_FILE: keyFile, ...(redis && { MINIAUTH_SESSION_STORE: redis }) },
    redis,
    query: (sql) => postgres.query(sql),
    bytes: (bytes) => `'\\x${bytes.toString('hex')}'::bytea`,
    makeOld(rows) {
      const tables = oldTables('postgres');
      tables.forEach((text) => postgres.query(text));
      postgres.query(`CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
                        installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
                        execution_time bigint NOT NULL)`);
      tables.forEach((text, index) => {
        const checksum = createHash('sha384').update(text).digest('hex');
        postgres.query(`INSERT INTO _sqlx_migrations VALUES (${index + 1}, 'before', now(), true, '\\x${checksum}', 1)`);
      });
      postgres.query(rows);
    },
  };
}
