import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Finds the program under test: MINIAUTH_BINARY, or else the latest one that cargo built.
 *
 * @returns {string} its path
 * @throws if there is none, with how to build it
 */
export function findBinary() {
  const binary = process.env.MINIAUTH_BINARY || path.join(targetFolder(), 'debug', 'miniauth');
  assert.ok(existsSync(binary), `There is no ${binary}: run \`cargo build\`, or set MINIAUTH_BINARY.`);
  return binary;
}

/** The folder of cargo's builds. */
export function targetFolder() {
  const options = ['metadata', '--no-deps', '--offline', '--format-version=1'];
  return JSON.parse(execFileSync('cargo', options, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 })).target_directory;
}
