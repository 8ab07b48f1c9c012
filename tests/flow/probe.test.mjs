/** The probe page's report, and its import by `cargo xtask platform import`. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { platform } from '../../platform/index.mjs';
import { findBinary } from '../support/binary.mjs';
import * as programs from '../support/program.mjs';
import { probed } from './support/probe-scenario.mjs';
import { Stage } from './support/stage.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { ANSWERS } = createRequire(import.meta.url)('../../example-miniapp/pages/probe/answers.js');

/** An invented phone, for a report that is accepted only from a phone. */
const PHONE = { kind: 'phone', brand: 'example', model: 'none', system: 'Android 14', client: '10.6.20', library: '2.9.40' };

let folder;
/** The probe's report from the simulator. */
let report;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'miniauth-probe-'));
  const stage = await Stage.open({ binary: findBinary(), output: folder, workDir: folder, appDir: join(ROOT, 'example-miniapp') });
  try {
    const run = async (world) => {
      report = await probed(world);
    };
    await stage.perform({ name: 'probe', title: 'the probe', run }, () => {});
  } finally {
    await stage.close();
  }
});

after(() => rm(folder, { recursive: true, force: true }));

/** Runs the import on a copy of the data. */
async function imported(content) {
  const [file, copy] = [join(folder, 'report.json'), join(folder, 'behaviours.json')];
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  await copyFile(join(ROOT, 'platform', 'behaviours.json'), copy);
  const args = ['xtask', 'platform', 'import', file, '--into', folder];
  const { code, stdout, stderr } = await programs.run(['cargo', ...args], { cwd: ROOT, env: process.env });
  return { code, output: stdout + stderr, rows: JSON.parse(await readFile(copy, 'utf8')).rows };
}

const row = (rows, id) => rows.find((each) => each.id === id);

test('every row that a probe can settle, the page can, with no answer but those of the row', () => {
  const probes = [...platform.rows.values()].filter(({ probe }) => probe).map(({ id }) => id);
  assert.deepEqual(
    probes.filter((id) => !ANSWERS[id]),
    [],
  );
  for (const [id, answers] of Object.entries(ANSWERS)) {
    const { outcomes = {}, probe } = platform.rows.get(id) ?? assert.fail(`there is no row ${id}`);
    const known = new Set([...Object.values(outcomes), ...Object.keys(probe?.answers ?? {})]);
    assert.deepEqual([...answers].sort(), [...known].sort(), id);
  }
});

test("what the simulator answered is not taken for a phone's", async () => {
  assert.equal(report.where.kind, 'simulator');
  const { code, output, rows } = await imported(report);
  assert.equal(code, 1);
  assert.match(output, /the report is the simulator's, which proves nothing about a phone/);
  assert.deepEqual(rows, [...platform.rows.values()]);
});

test("a phone's report turns what was assumed into what was observed, with the phone's name", async () => {
  const { code, output, rows } = await imported({ ...report, where: PHONE });
  assert.equal(code, 0, output);
  const source = 'probe example none, Android 14, client 10.6.20, base library 2.9.40';
  for (const [id, answer] of Object.entries(report.rows)) {
    const [was, is] = [platform.rows.get(id), row(rows, id)];
    assert.equal(is.source.at(-1), `${source}: ${answer}`, id);
    if (was.status !== 'assumed') assert.deepEqual([is.status, is.what], [was.status, was.what], id);
    else assert.deepEqual([is.status, is.what], ['observed', was.probe.answers[answer]], id);
  }
  const others = rows.filter(({ id }) => !(id in report.rows));
  assert.deepEqual(
    others,
    others.map(({ id }) => platform.rows.get(id)),
  );
});

test('an invalid report, or one with answers to other questions, changes nothing', async () => {
  const cases = [
    ['{', /not a report of pages\/probe/],
    [{ ...report, where: PHONE, nickName: 'x' }, /unknown field `nickName`/],
    [{ ...report, where: PHONE, rows: { ...report.rows, 'no-such-row': 'yes' } }, /there is no row no-such-row/],
    [
      { ...report, where: PHONE, rows: { ...report.rows, 'storage-units': 'litres' } },
      /"litres" is not an answer of the row storage-units/,
    ],
  ];
  for (const [content, told] of cases) {
    const { code, output, rows } = await imported(content);
    assert.equal(code, 1);
    assert.match(output, told);
    assert.deepEqual(rows, [...platform.rows.values()]);
  }
});
