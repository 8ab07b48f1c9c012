// Runs the research tools for the other platform on a case. Each is in a folder, set up by its own instructions; nothing of them
// is part of this repository.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from './measure.mjs';
import { SINKS, SOURCES } from './wechat.mjs';

/** The time limit for one case. */
const LIMIT = { timeout: 120_000, killSignal: 'SIGKILL' };

/**
 * TaintMini (ICSE 2023): `main.py` with a list of sources and sinks writes a table of flows.
 *
 * @param {string} folder
 * @param {string} python an interpreter with its packages
 */
export function taintMini(folder, python) {
  return async (app) => {
    const out = mkdtempSync(join(tmpdir(), 'taintmini-'));
    const config = join(out, 'config.json');
    writeFileSync(config, JSON.stringify({ sources: SOURCES, sinks: SINKS }));
    const args = [join(folder, 'main.py'), '-i', app, '-o', out, '-c', config, '-j', '2'];
    const run = await measure(python, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], ...LIMIT });
    const tables = readdirSync(out).filter((name) => name.endsWith('-result.csv'));
    const rows = tables.flatMap((name) => readFileSync(join(out, name), 'utf8').trim().split('\n').slice(1));
    rmSync(out, { recursive: true });
    return { ...run, found: rows.length > 0 };
  };
}

/**
 * MiniTracker (TDSC 2024): its compiled script logs each flow. It reads its lists from a file beside its code, so it runs in a
 * folder of links with our lists.
 *
 * @param {string} folder
 */
export function miniTracker(folder) {
  const compiled = ['out/src', 'out'].find((path) => existsSync(join(folder, path, 'miniTracker.js')));
  if (!compiled) {
    throw new Error(`${folder}: there is no miniTracker.js; compile it as its README says`);
  }
  const links = mkdtempSync(join(tmpdir(), 'minitracker-'));
  process.on('exit', () => rmSync(links, { recursive: true, force: true }));
  mkdirSync(join(links, 'config'));
  for (const name of ['out', 'node_modules']) {
    symlinkSync(join(folder, name), join(links, name));
  }
  copyFileSync(join(folder, 'config/config.json5'), join(links, 'config/config.json5'));
  writeFileSync(join(links, 'config/WeChatSourcesAndSinks.json'), JSON.stringify({ sources: SOURCES, sinks: SINKS }));
  const script = join(links, compiled, 'miniTracker.js');
  return async (app) => {
    const args = ['--preserve-symlinks', '--preserve-symlinks-main', script, '-p', 'wechat', '-f', 'all', '-s', app];
    const run = await measure('node', args, { cwd: links, stdio: ['ignore', 'pipe', 'ignore'], ...LIMIT });
    return { ...run, found: /Potential data leak/.test(run.output) };
  };
}
