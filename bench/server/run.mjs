// Measures the server against plain axum and against a peer: session checks, introspection, logins, growth, memory and start. `--growth`
// measures only growth, on these stores; `--peer` only the comparisons with the peer, on these stores: session checks, introspection,
// forward-auth and verifying a token.
//
//   node bench/server/run.mjs [--json FILE] [--growth sqlite,postgres | --peer sqlite,postgres,redis] --binary target/release/miniauth

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Program } from '../../simulator/stack/program.mjs';
import { readOptions, report } from '../support/figures.mjs';
import { measureForwardAuth, measureVerification } from './backends.mjs';
import { SESSIONS, measureChecks } from './checks.mjs';
import { fillPostgres, fillRedis, fillSqlite } from './fill.mjs';
import { SIZES, measureGrowth } from './growth.mjs';
import { measureLogins } from './logins.mjs';
import { OTHERS, PLACES, pinned } from './processes.mjs';
import { measureRest } from './rest.mjs';
import { measureSessions } from './sessions.mjs';
import { World } from './world.mjs';

/** Seconds for which the session check with a cache keeps a session. */
const STALENESS = 1;

const ROOT = path.join(import.meta.dirname, '../..');
const PEER = path.join(import.meta.dirname, 'peer');
const options = readOptions({
  binary: { type: 'string', default: 'target/release/miniauth' },
  growth: { type: 'string' },
  peer: { type: 'string' },
});

/** Installs the peer's packages. SQLite, if needed, is compiled here with the headers of the running Node. */
function installPeer(withSqlite) {
  const isThere = (file) => existsSync(path.join(PEER, 'node_modules', file));
  const prefix = path.join(process.execPath, '../..');
  const headers = existsSync(path.join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
  const npm = (...args) => execFileSync('npm', args, { cwd: PEER, stdio: 'inherit', env: { ...process.env, ...headers } });
  if (!isThere('ioredis/package.json')) npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
  if (withSqlite && !isThere('better-sqlite3/build/Release/better_sqlite3.node')) npm('rebuild', 'better-sqlite3', '--build-from-source');
}

/** Builds the programs of bench/server/tools (these, or all) and the one that starts databases; returns them by name. */
function buildTools(...programs) {
  const packages = ['--package', 'miniauth-bench', '--package', 'miniauth-testservices'];
  const bins = programs.flatMap((program) => ['--bin', program]);
  const args = ['build', '--quiet', '--release', '--locked', ...packages, ...bins, '--message-format=json'];
  const messages = execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'inherit'] });
  const artifacts = messages
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return Object.fromEntries(artifacts.filter(({ executable }) => executable).map(({ target, executable }) => [target.name, executable]));
}

/** SQLite in a file of the benchmark's folder. */
function sqlite(world, name) {
  const file = world.at(name);
  const Database = createRequire(path.join(PEER, 'package.json'))('better-sqlite3');
  return { name: 'SQLite', database: `sqlite://${file}`, fill: (from, to) => fillSqlite(Database, file, from, to) };
}

/** Starts this machine's PostgreSQL and Redis, which stop with this process. */
async function startDatabases(program) {
  const services = new Program(pinned(OTHERS, [program, 'postgres', 'redis']));
  const [line] = await services.line(/^\{.*/);
  const { postgres, redis } = JSON.parse(line);
  const database = (name) => {
    execFileSync(postgres.psql, ['--no-psqlrc', '--quiet', '-c', `CREATE DATABASE ${name}`, postgres.url]);
    const url = new URL(postgres.url);
    url.pathname = name;
    return {
      name: 'PostgreSQL',
      database: url.href,
      processes: [postgres.process],
      fill: (from, to) => fillPostgres(postgres.psql, url.href, from, to),
    };
  };
  const beside = (members) => ({
    ...members,
    name: 'Redis, members in PostgreSQL',
    sessions: redis.url,
    processes: [postgres.process, redis.process],
    fill: (from, to) => fillRedis(redis.url, to),
  });
  return { database, beside, end: () => services.close() };
}

async function measureAll(world, { sqlite: files, postgres: tables }, databases) {
  const figures = { rest: await measureRest(world, sqlite(world, 'rest.db')), growth: [], checks: [] };
  for (const stores of [files, tables]) {
    figures.growth.push(...(await measureGrowth(world, stores)));
    figures.checks.push(...(await measureChecks(world, stores.at(-1))));
  }
  figures.checks.push(...(await measureChecks(world, files.at(-1), STALENESS)));
  const redis = databases.beside(tables.at(-1));
  await redis.fill(0, SESSIONS);
  figures.checks.push(...(await measureChecks(world, redis)));
  figures.checks.push(...(await measurePeers('sqlite,postgres,redis', world, databases)));
  const logins = await measureLogins(world, sqlite(world, 'logins.db'));
  return [...figures.checks, ...logins, ...figures.growth, ...figures.rest];
}

/** Measures with few sessions, each with a member, on each store, where looking up a session is quick. */
async function measurePeers(names, world, databases) {
  const postgres = databases.database('beside_peer');
  const stores = { sqlite: sqlite(world, 'beside-peer.db'), postgres, redis: databases.beside(postgres) };
  const peers = { sqlite: 'peer-sessions.db', postgres: databases.database('peer') };
  peers.redis = databases.beside(peers.postgres);
  const figures = [];
  const wanted = names.split(',');
  for (const name of wanted) {
    const store = stores[name];
    // The server creates the tables.
    await (await world.serve(store)).stop();
    if (name === 'redis' && !wanted.includes('postgres')) await postgres.fill(0, SESSIONS);
    await store.fill(0, SESSIONS);
    figures.push(...(await measureSessions(world, store, SESSIONS, peers[name])));
    figures.push(...(await measureForwardAuth(world, store, SESSIONS, peers[name])));
    if (name === wanted[0]) figures.push(...(await measureVerification(world, store)));
  }
  return figures;
}

async function measureGrowthOn(names, world, stores) {
  const figures = [];
  for (const name of names.split(',')) figures.push(...(await measureGrowth(world, stores[name])));
  return figures;
}

installPeer(!options.peer || options.peer.includes('sqlite'));
const tools = options.peer ? buildTools('bench-load', 'bench-verify', 'test-services') : buildTools();
const databases = await startDatabases(tools['test-services']);
const world = await World.start(path.resolve(options.binary), tools);
try {
  console.log(PLACES);
  const stores = {
    sqlite: SIZES.map((size) => sqlite(world, `members-${size}.db`)),
    postgres: SIZES.map((size) => databases.database(`members_${size}`)),
  };
  const measured = options.growth
    ? measureGrowthOn(options.growth, world, stores)
    : options.peer
      ? measurePeers(options.peer, world, databases)
      : measureAll(world, stores, databases);
  await report(await measured, options);
} finally {
  await world.end();
  databases.end();
}
