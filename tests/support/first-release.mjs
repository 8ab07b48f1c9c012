// Version 0.1 of this repository, built from its own commit by its own lock files.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '../../simulator/stack/program.mjs';
import { targetFolder } from './binary.mjs';

const COMMIT = '7b331b62223e21f1a2e89478105d6749406677da';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How long each command may take, in milliseconds: the first build compiles everything. */
const LIMIT = 25 * 60 * 1000;

/**
 * Builds it below the target folder, where it stays: the next time there is nothing to do.
 *
 * @param {(line: string) => void} print takes the progress
 * @returns {Promise<{ binary: string, pkg: string }>} the program, and the folder of the npm package
 * @throws when the history is missing, saying how to get it
 */
export async function buildFirstRelease(print) {
  const folder = path.join(targetFolder(), 'first-release');
  const source = path.join(folder, 'source');
  const target = path.join(folder, 'target');
  if (!existsSync(source)) {
    const unfinished = path.join(folder, 'unfinished');
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    checkOut(ROOT, unfinished);
    await rename(unfinished, source);
  }
  const cargo = async (...args) => {
    print(`0.1: cargo ${args.join(' ')}`);
    const env = { ...process.env, CARGO_TARGET_DIR: target };
    const program = new Program(['cargo', ...args], { cwd: source, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true, onLine: (line) => print(`0.1: ${line}`) });
    const timer = setTimeout(() => void program.kill(), LIMIT);
    const { code, how, asked } = await program.ended;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`cargo ${args.join(' ')} of version 0.1 failed (${asked ? `not done after ${LIMIT / 60_000} minutes` : how})`);
  };
  await cargo('xtask', 'build');
  await cargo('build', '--locked', '--package', 'miniauth-cli');
  return { binary: path.join(target, 'debug/miniauth'), pkg: path.join(source, 'pkg') };
}

/**
 * Writes the files of version 0.1 into a folder.
 *
 * @param {string} repository
 * @param {string} folder
 */
export function checkOut(repository, folder) {
  let archive;
  try {
    archive = execFileSync('git', ['archive', COMMIT], { cwd: repository, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    throw new Error(`The history lacks version 0.1, commit ${COMMIT.slice(0, 7)}: get it with \`git fetch --unshallow\`.`);
  }
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
}
