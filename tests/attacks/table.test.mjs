import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const SECURITY = new URL('SECURITY.md', ROOT);

/** The parts of the suite. Each has its own table in SECURITY.md. */
const PARTS = ['page', 'server'];

/** Collects what every data file of a part tries. */
async function everything(part) {
  const folder = new URL(`${part}/`, import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs')).sort();
  const modules = await Promise.all(names.map((name) => import(new URL(name, folder))));
  return modules.flatMap(({ tried = [] }) => tried);
}

const cells = (row) => `| ${row.join(' | ')} |\n`;

async function table(part) {
  const own = `tests/attacks/${part}/`;
  const rows = (await everything(part)).map(({ group, what, count, held, test: where }) => [
    group,
    what,
    count.toLocaleString('en'),
    held,
    `\`${where.replace(own, '')}\``,
  ]);
  return [['group', 'what was tried', 'how often', 'what holds', 'test'], Array(5).fill('---'), ...rows].map(cells).join('');
}

/** Returns the document with its tables up to date. */
async function renewed(text) {
  let result = text;
  for (const part of PARTS) {
    const [start, end] = [`<!-- tried, held: ${part} -->\n`, `<!-- /tried, held: ${part} -->`];
    const [before, rest] = result.split(start);
    result = `${before}${start}${await table(part)}${rest.slice(rest.indexOf(end))}`;
  }
  return result;
}

test('the tables of what was tried and held, in SECURITY.md, are what the suite says of itself', async () => {
  const text = await readFile(SECURITY, 'utf8');
  const whole = await renewed(text);
  if (process.env.MINIAUTH_RENEW) await writeFile(SECURITY, whole);
  else assert.equal(text, whole, 'a table is old: cargo xtask platform tables');
});

/** Returns the names of the tests in a file: titles in JavaScript, functions in Rust. */
function testsIn(file, text) {
  const pattern = file.endsWith('.rs')
    ? /#\[(?:tokio::)?test(?:\([^\n]*\))?\]\s+(?:#\[[^\n]*\]\s+)*(?:async )?fn (?<title>\w+)\(/g
    : /\btest\(\s*(?<quote>['"`])(?<title>.*?)\k<quote>/g;
  return [...text.matchAll(pattern)].map(({ groups }) => groups.title);
}

test('every row names a test that there is', async () => {
  for (const part of PARTS) {
    const rows = await everything(part);
    assert.ok(rows.length > 4, part);
    for (const { group, count, test: where } of rows) {
      const [file, name] = where.split('#');
      const tests = testsIn(file, await readFile(new URL(file, ROOT), 'utf8'));
      const found = file.endsWith('.rs') ? tests.includes(name) : tests.some((title) => name && title.includes(name));
      assert.ok(found, `${group}: there is no test ${where}`);
      assert.ok(count > 0, group);
    }
  }
});
