import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { FolderWatch } from '../server/builder.mjs';

test('a folder is watched until the watch is closed, and never again', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-watch-'));
  const file = path.join(folder, 'page.js');
  let changes = 0;
  let told;
  const change = new Promise((resolve) => {
    told = resolve;
  });
  const watch = new FolderWatch(() => {
    changes += 1;
    told();
  });
  watch.follow([file]);
  await writeFile(file, '1');
  await change;
  watch.close();
  // A build that was still running calls this after `close`.
  watch.follow([file]);
  assert.equal(watch.watchers.size, 0);
  const before = changes;
  await writeFile(file, '2');
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  assert.equal(changes, before);
  await rm(folder, { recursive: true });
});
