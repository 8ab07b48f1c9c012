import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const SECURITY = new URL('SECURITY.md', ROOT);
const [START, END] = ['<!-- tried, held -->\n', '<!-- /tried, held -->'];

/** What every file of data here says that it tries. */
async function everything() {
  const names = (await readdir(HERE)).filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs')).sort();
  const modules = await Promise.all(names.map((name) => import(new URL(name, import.meta.url))));
  return modules.flatMap(({ tried = [] }) => tried);
}

const cells = (row) => `| ${row.join(' | ')} |\n`;

test('the table of what was tried and held, in SECURITY.md, is what the suite says of itself', async () => {
  const rows = await everything();
  assert.ok(rows.length > 4);
  const table = [['group', 'what was tried', 'how often', 'what holds', 'test'], Array(5).fill('---')]
    .concat(rows.map(({ group, what, count, held, test: where }) => [group, what, count.toLocaleString('en'), held, `\`${where.replace('tests/attacks/page/', '')}\``]))
    .map(cells)
    .join('');
  const text = await readFile(SECURITY, 'utf8');
  const [before, rest] = text.split(START);
  const renewed = `${before}${START}${table}${rest.slice(rest.indexOf(END))}`;
  if (process.env.MINIAUTH_RENEW) await writeFile(SECURITY, renewed);
  else assert.equal(text, renewed, 'the table is old: cargo xtask platform tables');
});

test('every group names a test that there is', async () => {
  for (const { group, count, test: where } of await everything()) {
    const [file, name] = where.split('#');
    assert.ok((await readFile(new URL(file, ROOT), 'utf8')).includes(name), `${group}: ${where}`);
    assert.ok(count > 0, group);
  }
});
