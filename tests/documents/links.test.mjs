import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { followLinks } from '../support/links.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('every link of every page in the repository leads to a file, and to a heading that is there', async () => {
  const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const wrong = [];
  let all = 0;
  for (const page of pages) {
    const { followed, broken } = await followLinks(path.join(ROOT, page));
    all += followed;
    wrong.push(...broken.map((address) => `${page}: ${address}`));
  }
  assert.deepEqual(wrong, []);
  assert.ok(all > 100, `${all} links`);
});

test('docs/README.md lists every page of docs', async () => {
  const pages = execFileSync('git', ['ls-files', 'docs/*.md'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((page) => path.basename(page));
  const index = await readFile(path.join(ROOT, 'docs/README.md'), 'utf8');
  assert.deepEqual(
    pages.filter((page) => page !== 'README.md' && !index.includes(`](${page})`)),
    [],
  );
});
