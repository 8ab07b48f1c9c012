import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/**
 * Packs the simulator as the npm package `miniauth-simulator`: `node simulator/package/pack.mjs FOLDER`. In the package the simulator is
 * next to `platform`, as it is here.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOT_PACKED = ['package', 'test', 'README.md'].map((name) => path.join(ROOT, 'simulator', name));

/**
 * Packs the package.
 *
 * @param {string} folder the output folder; created if missing
 * @returns {Promise<string>} path of the package file
 */
export async function packSimulator(folder) {
  const staged = path.join(folder, 'package');
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { recursive: true });
  for (const name of ['package.json', 'README.md']) await cp(path.join(ROOT, 'simulator/package', name), path.join(staged, name));
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT', 'platform'])
    await cp(path.join(ROOT, name), path.join(staged, name), { recursive: true });
  await cp(path.join(ROOT, 'simulator'), path.join(staged, 'simulator'), {
    recursive: true,
    filter: (source) => !NOT_PACKED.includes(source),
  });
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], { cwd: staged });
  await rm(staged, { recursive: true });
  return path.join(folder, JSON.parse(stdout)[0].filename);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await packSimulator(path.resolve(process.argv[2] ?? '.')));
