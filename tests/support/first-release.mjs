// Earlier versions of this repository, each built from its own commit with its own lock files.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '../../simulator/stack/program.mjs';
import { targetFolder } from './binary.mjs';

/** @typedef {{ name: string, commit: string, folder: string }} Release */

/** @type {Release} */
export const FIRST = { name: 'version 0.1', commit: '7b331b62223e21f1a2e89478105d6749406677da', folder: 'first-release' };

/** The last one without an audit in the tables: migration 12 of PostgreSQL. @type {Release} */
export const BEFORE_AUDIT = {
  name: 'the version before the audit',
  commit: '0805ced4571e99098ef7aa7cdf6b1f867de52b91',
  folder: 'before-audit',
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The time limit of each command, in milliseconds: the first build compiles everything. */
const LIMIT = 25 * 60 * 1000;

/**
 * Builds the first release with its npm package.
 *
 * @param {(line: string) => void} print receives the progress
 * @returns {Promise<{ binary: string, pkg: string }>} the program, and the folder of the npm package
 * @throws if the history is missing, with how to get it
 */
export async function buildFirstRelease(print) {
  const { cargo, source, binary } = await sourceOf(FIRST, print);
  await cargo('xtask', 'build');
  await cargo('build', '--locked', '--package', 'miniauth-cli');
  return { binary, pkg: path.join(source, 'pkg') };
}

/**
 * Builds the program of a release.
 *
 * @param {Release} release
 * @param {(line: string) => void} print receives the progress
 * @returns {Promise<string>} its path
 * @throws if the history is missing, with how to get it
 */
export async function buildProgram(release, print) {
  const { cargo, binary } = await sourceOf(release, print);
  await cargo('build', '--locked', '--package', 'miniauth-cli');
  return binary;
}

/** Writes a release below the target folder. It stays there with its build, so that the next run has nothing to do. */
async function sourceOf(release, print) {
  const folder = path.join(targetFolder(), release.folder);
  const source = path.join(folder, 'source');
  const target = path.join(folder, 'target');
  if (!existsSync(source)) {
    const unfinished = path.join(folder, 'unfinished');
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    checkOut(ROOT, unfinished, release);
    await rename(unfinished, source);
  }
  const cargo = async (...args) => {
    print(`${release.name}: cargo ${args.join(' ')}`);
    const env = { ...process.env, CARGO_TARGET_DIR: target };
    const program = new Program(['cargo', ...args], {
      cwd: source,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      onLine: (line) => print(`${release.name}: ${line}`),
    });
    const timer = setTimeout(() => void program.kill(), LIMIT);
    const { code, how, asked } = await program.ended;
    clearTimeout(timer);
    if (code !== 0)
      throw new Error(`cargo ${args.join(' ')} of ${release.name} failed (${asked ? `not done after ${LIMIT / 60_000} minutes` : how})`);
  };
  return { cargo, source, binary: path.join(target, 'debug/miniauth') };
}

/**
 * Writes the files of a release into a folder.
 *
 * @param {string} repository
 * @param {string} folder
 * @param {Release} release
 */
export function checkOut(repository, folder, { name, commit } = FIRST) {
  let archive;
  try {
    archive = execFileSync('git', ['archive', commit], { cwd: repository, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    throw new Error(`The history lacks ${name}, commit ${commit.slice(0, 7)}: get it with \`git fetch --unshallow\`.`);
  }
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
}
