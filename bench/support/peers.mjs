import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Calls `run` with a temporary folder in which these npm packages are installed.
 *
 * @template Result
 * @param {Record<string, string>} packages name to version
 * @param {(folder: string) => Promise<Result>} run
 * @returns {Promise<Result>}
 */
export async function withPeers(packages, run) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-bench-peers-'));
  try {
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
    const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    execFileSync('npm', ['install', ...options, ...wanted], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
