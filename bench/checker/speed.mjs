// Measures the checker's time and memory on generated projects.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateProject, minified } from './generate.mjs';
import { generateShared } from './generate-shared.mjs';
import { measure } from './measure.mjs';

const SIZES = [
  [20, 100],
  [60, 300],
  [200, 1_000],
  [600, 3_000],
  [2_000, 10_000],
];

/** The sizes, in files, of projects whose pages share an adapter, helpers, a store and packed modules. */
const SHARED_SIZES = [250, 500, 1_000, 2_000];

/** Takes the best of a few runs: other load on the machine only adds time. */
async function best(binary, root, threads, isCut = false, runs = 3) {
  let result;
  for (let run = 0; run < runs; run += 1) {
    const next = await measure(binary, ['check', root, '--format', 'github', '--threads', String(threads)]);
    // Exit code 2 means that not everything was followed.
    if (next.code !== 0 && next.code !== 1 && !(isCut && next.code === 2)) {
      throw new Error(`${binary} ended with ${next.code}`);
    }
    if (!result || next.seconds < result.seconds) {
      result = next;
    }
  }
  return result;
}

/**
 * @param {string} binary
 * @returns {Promise<object[]>} one row per project
 */
export async function speed(binary) {
  const rows = [];
  const folder = mkdtempSync(join(tmpdir(), 'miniauth-bench-'));
  for (const [pages, modules] of SIZES) {
    const root = join(folder, String(modules));
    mkdirSync(root);
    generateProject(root, pages, modules);
    const { seconds, mebibytes } = await best(binary, root, 2);
    const one = await best(binary, root, 1);
    rows.push({
      project: `${pages} pages, ${modules} modules`,
      modules,
      seconds,
      'seconds, one thread': one.seconds,
      'speed-up': one.seconds / seconds,
      mebibytes,
      'µs / n log n': (seconds * 1e6) / (modules * Math.log2(modules)),
    });
  }
  for (const files of SHARED_SIZES) {
    const root = join(folder, `shared-${files}`);
    mkdirSync(root);
    generateShared(root, files);
    const { seconds, mebibytes } = await best(binary, root, 2);
    rows.push({
      project: `${files} files, much of it shared`,
      files,
      seconds,
      mebibytes,
      'µs / n log n': (seconds * 1e6) / (files * Math.log2(files)),
    });
  }
  const large = join(folder, 'large', 'pages/a');
  mkdirSync(large, { recursive: true });
  writeFileSync(join(large, 'index.js'), minified(2 << 20));
  const { seconds, mebibytes } = await best(binary, join(folder, 'large'), 2, true);
  rows.push({ project: 'one minified file of 2 MiB', seconds, mebibytes });
  rmSync(folder, { recursive: true });
  return rows;
}
