import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { installPacked } from '../bare/support/packed.mjs';
import { putBeside } from './kits/support.mjs';

const run = promisify(execFile);
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const MISTAKES = new URL('mistakes/', import.meta.url);
const SOURCES = new URL('../../src/', import.meta.url);

let packed;
let app;
before(async () => {
  packed = await installPacked();
  app = path.join(packed.folder, '../../mistakes');
  await cp(MISTAKES, app, { recursive: true });
});
after(() => packed?.remove());

const declared = (name) => readFile(path.join(packed.folder, 'dist', name), 'utf8');

const withoutComments = (types) => types.replace(/\/\*\*[^]*?\*\/|\/\/.*/g, '');

/** The members of a union of texts. */
const texts = (union) => [...union.matchAll(/'([^']*)'/g)].map(([, text]) => text);

test('typical mistakes are told by the types, or by an error that says what to do', async () => {
  const mistakes = (await readdir(MISTAKES)).filter((name) => name !== 'auth.ts');
  const expected = new Map();
  for (const name of mistakes) {
    const [, how, message] = /^\/\/ (tsc|run): (.*)\n/.exec(await readFile(new URL(name, MISTAKES), 'utf8'));
    expected.set(name, { how, message });
  }
  const told = [...expected.values()];
  assert.ok(told.filter(({ how }) => how === 'tsc').length >= 10 && told.some(({ how }) => how === 'run'));
  const compilerOptions = { target: 'es2018', lib: ['es2018'], module: 'preserve', strict: true, noEmit: true, types: [] };
  await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const { stdout } = await run(process.execPath, [TSC, '--project', app]).catch((failure) => failure);
  for (const [name, { how, message }] of expected) {
    // One error, including its indented continuation lines.
    const errors = stdout.split(/\n(?=\S)/).filter((error) => error.includes(`${name}(`));
    assert.equal(errors.length, how === 'tsc' ? 1 : 0, `${name}: ${errors.join('\n')}`);
    if (how === 'tsc') assert.match(errors[0], new RegExp(message), name);
    else
      await assert.rejects(
        ran(name),
        (error) =>
          `${error.code}, ${error.message} ${error.advice.en}`.includes(message.replace(/^[a-z_]+, /, '')) &&
          message.startsWith(error.code),
        name,
      );
  }
});

/** Runs the default export of a file. */
async function ran(name) {
  const outfile = path.join(app, name.replace('.ts', '.mjs'));
  await build({ entryPoints: [path.join(app, name)], bundle: true, format: 'esm', packages: 'external', outfile });
  return (await import(pathToFileURL(outfile))).default();
}

test('pages of uni-app and Taro that may be written compile, and typical mistakes in them do not', async () => {
  await putBeside(packed, ['vue', 'react', '@types/react']);
  const pages = path.join(packed.folder, '../../pages');
  await mkdir(pages);
  await copyFile(new URL('kits/usage.tsx', import.meta.url), path.join(pages, 'usage.tsx'));
  const compilerOptions = {
    target: 'es2018',
    lib: ['es2022', 'dom'],
    module: 'preserve',
    jsx: 'react-jsx',
    strict: true,
    noEmit: true,
    types: [],
  };
  await writeFile(path.join(pages, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const { stdout } = await run(process.execPath, [TSC, '--project', pages]).catch((failure) => failure);
  assert.equal(stdout, '');
});

test('the type of a code has every code of the table, with what to do, and no other', async () => {
  const types = await declared('error-code.d.ts');
  const readme = await readFile(path.join(packed.folder, 'README.md'), 'utf8');
  // A test of the core compares this table with its codes.
  const rows = [...readme.matchAll(/^\| `([a-z_]+)` \| ([^|]*\.) \| [^|]* \| (.*) \|$/gm)];
  assert.deepEqual(texts(withoutComments(types)).sort(), rows.map(([, code]) => code).sort());
  for (const [, code, title, advice] of rows) {
    assert.ok(types.includes(`/** ${title} ${advice} */\n  | '${code}'`), code);
  }
});

test('the type of an outcome has what the module decides, and no other', async () => {
  const types = withoutComments(await declared('miniauth.d.ts'));
  const [, union] = /export type DecisionOutcome =([^;]*);/.exec(types);
  const [, consent] = /export interface ConsentRecord \{[^}]*?outcome: ([^;]*);/.exec(types);
  const decided = new Set();
  for (const name of (await readdir(SOURCES)).filter((file) => file.endsWith('.rs'))) {
    const source = await readFile(new URL(name, SOURCES), 'utf8');
    for (const [, outcome] of source.matchAll(/Decision::new\("[a-z]+", [^,]*(?:\([^)]*\))?, "([a-z_]+)"/g)) decided.add(outcome);
    // logout() chooses its outcome beforehand, in a variable.
    for (const [, either, or] of source.matchAll(/let outcome = if .*? \{ "([a-z]+)" \} else \{ "([a-z]+)" \}/g))
      decided.add(either).add(or);
  }
  assert.ok(decided.size > 8);
  const named = new Set([...texts(union), ...texts(consent)]);
  for (const outcome of decided) assert.ok(named.has(outcome), outcome);
  for (const outcome of texts(union.replace("['outcome']", ''))) assert.ok(decided.has(outcome), `nothing decides ${outcome}`);
});
