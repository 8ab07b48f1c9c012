import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL('../../../pkg', import.meta.url));

/**
 * Installs the package as users get it: packed, in an empty app elsewhere. With MINIAUTH_UNPACKED it is used unpacked, for runs
 * that do not test the packing.
 *
 * @param {string} [source] the package's folder
 * @returns {Promise<{ folder: string, tarball: string, remove: () => Promise<void> }>} the installed folder and the tarball
 */
export async function installPacked(source = PACKAGE) {
  if (process.env.MINIAUTH_UNPACKED) return { folder: source, tarball: '', remove: async () => {} };
  const app = await mkdtemp(path.join(tmpdir(), 'miniauth-packed-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', app], { cwd: source });
  const tarball = path.join(app, JSON.parse(stdout)[0].filename);
  await writeFile(path.join(app, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: app });
  const folder = path.join(app, 'node_modules', 'miniauth');
  return { folder, tarball, remove: () => rm(app, { recursive: true }) };
}
