// Measures the package's build after a one-line change of the Rust module. The change is made in a copy.
//
//   node bench/client/rebuild.mjs [--json FILE]

import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, readOptions, report } from '../support/figures.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = 3;

/** A string in the module: changing it changes the module's bytes, so every step has work to do. */
const FILE = 'crates/core/src/consent.rs';
const TEXT = 'that a person can read';

const run = (folder, command, args, environment = {}) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });

/** Copies the tracked files as they are now. Their own target folder stays for the next time. */
async function copyWorkspace() {
  const { target_directory: target } = JSON.parse(run(ROOT, 'cargo', ['metadata', '--no-deps', '--format-version=1']));
  const folder = path.join(target, 'bench-rebuild');
  const copy = path.join(folder, 'workspace');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const file of run(ROOT, 'git', ['ls-files', '-z']).split('\0').filter(Boolean)) {
    await cp(path.join(ROOT, file), path.join(copy, file), { preserveTimestamps: true });
  }
  for (const modules of ['node_modules', 'example-miniapp/node_modules']) {
    await symlink(path.join(ROOT, modules), path.join(copy, modules));
  }
  const build = () => run(copy, 'cargo', ['xtask', 'build'], { CARGO_TARGET_DIR: path.join(folder, 'target') });
  return { copy, build };
}

const { copy, build } = await copyWorkspace();
build();
const seconds = { changed: [], unchanged: [] };
const timed = (times) => {
  const start = performance.now();
  build();
  times.push((performance.now() - start) / 1e3);
};
for (let round = 0; round < ROUNDS; round += 1) {
  const source = await readFile(path.join(ROOT, FILE), 'utf8');
  if (!source.includes(TEXT)) throw new Error(`${FILE} does not hold “${TEXT}”`);
  await writeFile(path.join(copy, FILE), source.replace(TEXT, `${TEXT}, version ${round}`));
  timed(seconds.changed);
  timed(seconds.unchanged);
}
const group = 'Building the package';
await report(
  [
    { group, name: 'after a one-line change of the Rust module', value: median(seconds.changed), unit: 's' },
    { group, name: 'after no change', value: median(seconds.unchanged), unit: 's' },
  ],
  readOptions(),
);
