import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installBeside } from './support.mjs';

const run = promisify(execFile);
const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

let packed;
before(async () => { packed = await installBeside(['vue', 'react', '@types/react']); });
after(() => packed?.remove());

test('pages of uni-app and Taro that may be written compile, and typical mistakes do not', async () => {
  const app = path.resolve(packed.folder, '../..');
  await copyFile(new URL('usage.tsx', import.meta.url), path.join(app, 'usage.tsx'));
  const compilerOptions = { target: 'es2018', lib: ['es2022', 'dom'], module: 'preserve', jsx: 'react-jsx', strict: true, noEmit: true, types: [] };
  await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['usage.tsx'] }));
  const { stdout } = await run(process.execPath, [TSC, '--project', app]).catch((failure) => failure);
  assert.equal(stdout, '');
});
