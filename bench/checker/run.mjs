// Measures the checker: `node bench/checker/run.mjs --binary target/release/miniauth`. Prints what it and its peers find on the
// shared cases, then time, memory and growth on generated projects. `--json FILE` also writes the figures.
// To run TaintMini and MiniTracker, set them up by their own instructions, and name their folders with `--taintmini DIR` and
// `--minitracker DIR`, or the variables TAINTMINI and MINITRACKER; `--python`, or TAINTMINI_PYTHON, names an interpreter with
// TaintMini's packages. `--only cases` or `--only speed` runs one half, `--renditions es5` one form, `--every 3` a third of the cases.
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
    minitracker: { type: 'string', default: process.env.MINITRACKER },
    only: { type: 'string' },
    python: { type: 'string', default: process.env.TAINTMINI_PYTHON ?? 'python3' },
    taintmini: { type: 'string', default: process.env.TAINTMINI },
  },
});

const OURS = 'miniauth check';

/** The limits: seconds and memory of the largest project, and its time per n log n divided by the smallest's. */
const MOST_SECONDS = 5;
const MOST_MEBIBYTES = 1024;
const MOST_GROWTH = 1;

/** The limits where pages share much code: seconds for 1,000 files, and the growth, with a tenth for other load on the machine. */
const MOST_SECONDS_SHARED = 10;
const MOST_GROWTH_SHARED = 1.1;

/** The tools' findings, in a group for each rule and form. */
function caseFigures(found) {
  return Object.entries(found).flatMap(([name, score]) => {
    const [tool, ...rest] = name.split(', ');
    const ours = found[[OURS, ...rest].join(', ')];
    const figure = (title, value, unit, more) => ({ group: `${rest.join(', ')}: ${title}`, name: tool, value, unit, ...more });
    const positives = score.found + score.missed;
    const all = tool === OURS;
    return [
      figure(`found of ${positives}`, score.found, 'found', all && { at_least: positives }),
      figure(`false alarms in ${score.cases - positives}`, score.false, 'false', all && { at_most: 0 }),
      figure(
        'time',
        score['seconds a case'],
        's a case',
        !all && {
          ratio: score['seconds a case'] / ours['seconds a case'],
          against: OURS,
        },
      ),
      figure('memory', score.mebibytes, 'MiB'),
    ];
  });
}

/** Time, memory and growth on generated projects. */
function speedFigures(timed) {
  const [first] = timed;
  const largest = timed.findLast((row) => row.modules);
  const shared = timed.filter((row) => row.files);
  const growth = 'µs / n log n';
  return timed.flatMap((row) => {
    const last = row === largest;
    const figure = (group, value, unit, more) => ({ group, name: row.project, value, unit, ...more });
    const figures = [
      figure('Time', row.seconds, 's', last && { at_most: MOST_SECONDS }),
      figure('Memory', row.mebibytes, 'MiB', last && { at_most: MOST_MEBIBYTES }),
    ];
    if (row.modules) {
      const alone = row['seconds, one thread'];
      figures.push(figure('Two threads', row.seconds, 's', { ratio: row.seconds / alone, against: `one thread, ${alone.toFixed(2)} s` }));
      figures.push(
        figure(
          'Growth',
          row[growth],
          growth,
          last && {
            ratio: row[growth] / first[growth],
            against: first.project,
            at_most: MOST_GROWTH,
          },
        ),
      );
    }
    if (row.files) {
      figures[0] = figure('Time', row.seconds, 's', row.files === 1_000 && { at_most: MOST_SECONDS_SHARED });
      figures.push(
        figure(
          'Growth where pages share much',
          row[growth],
          growth,
          row === shared.at(-1) && {
            ratio: row[growth] / shared[0][growth],
            against: shared[0].project,
            at_most: MOST_GROWTH_SHARED,
          },
        ),
      );
    }
    return figures;
  });
}

/** Memory is sampled every few milliseconds; a program that ends sooner has no sample. */
const wasSeen = ({ unit, value }) => unit !== 'MiB' || value > 0;

const options = { ...values, renditions: values.renditions.split(','), every: Number(values.every) };
const found = values.only === 'speed' ? {} : await accuracy(join(ROOT, 'crates/checker/cases'), options);
const timed = values.only === 'cases' ? [] : await speed(values.binary);
const round = (row) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(3)) : value]));
console.table(Object.fromEntries(Object.entries(found).map(([name, score]) => [name, round(score)])));
console.table(timed.map(round));
if (values.json) {
  writeFileSync(values.json, JSON.stringify([...caseFigures(found), ...speedFigures(timed)].filter(wasSeen), null, 2) + '\n');
}
