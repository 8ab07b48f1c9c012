import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findBinary } from './binary.mjs';
import { Program } from '../../simulator/stack/program.mjs';

/** A test's own PostgreSQL: loopback only, no password, everything in a temporary folder. */
export class Postgres {
  #psql;
  /** The address of its database, which is empty at first. */
  url;
  /** The address of the Redis beside it, if there is one. */
  redis;

  /** Starts one, and a Redis beside it if requested; both end with the test. */
  static async start(t, { withRedis = false } = {}) {
    const program = path.join(path.dirname(findBinary()), 'test-services');
    assert.ok(existsSync(program), `There is no ${program}: run \`cargo build --package miniauth-testservices\`.`);
    const services = new Program([program, 'postgres', ...(withRedis ? ['redis'] : [])]);
    t.after(() => services.close());
    const [line] = await services.line(/^\{.*/);
    const {
      postgres: { url, psql },
      redis,
    } = JSON.parse(line);
    const postgres = new Postgres();
    postgres.url = url;
    postgres.redis = redis?.url;
    postgres.#psql = psql;
    return postgres;
  }

  /** A query's result as text, one line per row. */
  query(sql) {
    const args = ['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql, this.url];
    return execFileSync(this.#psql, args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  }
}
