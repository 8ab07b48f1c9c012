// The server against plain axum and against a peer: session checks, logins, growth, memory and start.
//
//   node bench/server/run.mjs [--json FILE] --binary target/release/miniauth

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readOptions, report } from '../support/figures.mjs';
import { measureChecks } from './checks.mjs';
import { fillSqlite } from './fill.mjs';
import { measureGrowth } from './growth.mjs';
import { measureLogins } from './logins.mjs';
import { PLACES } from './processes.mjs';
import { measureRest } from './rest.mjs';
import { World } from './world.mjs';

const ROOT = path.join(import.meta.dirname, '../..');
const PEER = path.join(import.meta.dirname, 'peer');
const options = readOptions({ binary: { type: 'string', default: 'target/release/miniauth' } });

/** The peer's packages; its database is compiled here, with the headers of the Node that runs this. */
function installPeer() {
  const built = path.join(PEER, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  if (existsSync(built)) return;
  const prefix = path.join(process.execPath, '../..');
  const headers = existsSync(path.join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
  const npm = (...args) => execFileSync('npm', args, { cwd: PEER, stdio: 'inherit', env: { ...process.env, ...headers } });
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
  npm('rebuild', 'better-sqlite3', '--build-from-source');
}

/** The programs of bench/server/tools, by name. */
function buildTools() {
  const args = ['build', '--quiet', '--release', '--locked', '--package', 'miniauth-bench', '--message-format=json'];
  const messages = execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'inherit'] });
  const artifacts = messages.trim().split('\n').map((line) => JSON.parse(line));
  return Object.fromEntries(artifacts.filter(({ executable }) => executable).map(({ target, executable }) => [target.name, executable]));
}

installPeer();
const tools = buildTools();
const Database = createRequire(path.join(PEER, 'package.json'))('better-sqlite3');
const world = await World.start(path.resolve(options.binary), tools);
try {
  console.log(PLACES);
  const file = world.at('miniauth.db');
  const url = `sqlite://${file}`;
  const store = { name: 'SQLite', url, fill: (from, to) => fillSqlite(Database, file, from, to) };
  const rest = await measureRest(world, `sqlite://${world.at('rest-miniauth.db')}`);
  const growth = await measureGrowth(world, store);
  const checks = await measureChecks(world, url);
  const logins = await measureLogins(world, `sqlite://${world.at('logins.db')}`);
  await report([...checks, ...logins, ...growth, ...rest], options);
} finally {
  await world.end();
}
