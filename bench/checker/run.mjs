// Measures the checker: `node bench/checker/run.mjs --binary target/release/miniauth`. Prints what it finds on the shared cases
// beside its peers, then time, memory and growth on generated projects. `--json FILE` writes the figures too.
// TaintMini and MiniTracker run where `--taintmini DIR` and `--minitracker DIR` name folders that their own instructions have
// made ready; `--python` names an interpreter that has TaintMini's packages. `--only cases` or `--only speed` does one half,
// `--renditions es5` one rendition, `--every 3` a third of the cases.
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accuracy } from './accuracy.mjs';
import { speed } from './speed.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    every: { type: 'string', default: '1' },
    renditions: { type: 'string', default: 'es2018,es5' },
    binary: { type: 'string', default: join(ROOT, 'target/release/miniauth') },
    json: { type: 'string' },
    minitracker: { type: 'string' },
    only: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    taintmini: { type: 'string' },
  },
});

/** `{ name, value, unit }`, and where there is a peer `ratio` and `against`. */
function figures(found, timed) {
  const rows = [];
  for (const [name, score] of Object.entries(found)) {
    for (const field of ['found', 'missed', 'false']) {
      rows.push({ name: `${name}: ${field}`, value: score[field], unit: `of ${score.cases} cases` });
    }
    const [tool, ...rest] = name.split(', ');
    const ours = found[['miniauth check', ...rest].join(', ')];
    const compared = tool !== 'miniauth check' && ours
      ? { ratio: score['seconds a case'] / ours['seconds a case'], against: 'miniauth check' } : {};
    rows.push({ name: `${name}: time`, value: score['seconds a case'], unit: 's a case', ...compared });
    rows.push({ name: `${name}: memory`, value: score.mebibytes, unit: 'MiB' });
  }
  for (const row of timed) {
    rows.push({ name: `${row.project}: time`, value: row.seconds, unit: 's' });
    rows.push({ name: `${row.project}: memory`, value: row.mebibytes, unit: 'MiB' });
    if (row['speed-up']) {
      rows.push({ name: `${row.project}: two threads`, value: row.seconds, unit: 's', ratio: row['speed-up'], against: 'one thread' });
      rows.push({ name: `${row.project}: growth`, value: row['µs / n log n'], unit: 'µs / n log n' });
    }
  }
  return rows;
}

const options = { ...values, renditions: values.renditions.split(','), every: Number(values.every) };
const found = values.only === 'speed' ? {} : await accuracy(join(ROOT, 'crates/checker/cases'), options);
const timed = values.only === 'cases' ? [] : await speed(values.binary);
const round = (row) => Object.fromEntries(
  Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(3)) : value]),
);
console.table(Object.fromEntries(Object.entries(found).map(([name, score]) => [name, round(score)])));
console.table(timed.map(round));
if (values.json) {
  writeFileSync(values.json, JSON.stringify(figures(found, timed), null, 2) + '\n');
}
