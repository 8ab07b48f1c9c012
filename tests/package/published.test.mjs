import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { followLinks } from '../support/links.mjs';
import { installPacked } from '../bare/support/packed.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

test('publint finds nothing to say', async () => {
  // Its only suggestion is to name a version of Node, which is irrelevant in a mini-program.
  const { messages, pkg } = await publint({ pkgDir: packed.folder, pack: false, level: 'warning' });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('links of what is published lead somewhere: into the package, or into the repository that package.json names', async () => {
  const { homepage, repository, bugs } = JSON.parse(await readFile(path.join(packed.folder, 'package.json'), 'utf8'));
  const home = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  for (const address of [homepage, bugs]) assert.ok(address.startsWith(`${home}/`), address);
  for (const name of ['README.md', 'README.zh-CN.md']) {
    const { followed, broken } = await followLinks(path.join(packed.folder, name), { root: ROOT, home });
    assert.deepEqual(broken, [], name);
    assert.ok(followed > 1, `${name}: ${followed} links`);
  }
});

test('the types are right for every way of resolving them', async () => {
  const { problems, types } = await checkPackage(createPackageFromTarballData(await readFile(packed.tarball)));
  assert.ok(types, 'the package has types');
  assert.deepEqual(problems, []);
});

test('page code that may be written compiles, and page code that may not does not', async () => {
  const app = path.resolve(packed.folder, '../..');
  await copyFile(new URL('usage.ts', import.meta.url), path.join(app, 'usage.ts'));
  const compilerOptions = { target: 'es2018', lib: ['es2018'], module: 'preserve', strict: true, noEmit: true, types: [] };
  await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['usage.ts'] }));
  const { stdout } = await run(process.execPath, [TSC, '--project', app]).catch((failure) => failure);
  assert.equal(stdout, '');
});
