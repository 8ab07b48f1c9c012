// Runs `miniauth check` on checkouts of the labelled apps and compares the results (`--help`). README.md says how findings are matched.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from '../measure.mjs';
import { compare, KINDS } from './match.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const HELP = `Usage: node bench/checker/trial/run.mjs --checkouts DIR [options]

Runs miniauth check on each labelled app, compares its findings with the labels, and prints precision, recall, what was missed and
what was false, and the time and memory of each app.

  --checkouts DIR   a folder for each app, named by its id in the labels
  --labels FILE     the labels (labels.json beside this script)
  --binary FILE     the checker (target/debug/miniauth)
  --set NAME        only native or only compiled apps
  --app ID          only this app; may be repeated
  --limit SECONDS   how long one app may take (180)
  --json FILE       writes the result
  --text FILE       writes what is printed
  --help            prints this
`;

const { values } = parseArgs({
  options: {
    app: { type: 'string', multiple: true },
    binary: { type: 'string', default: resolve(HERE, '../../../target/debug/miniauth') },
    checkouts: { type: 'string' },
    help: { type: 'boolean' },
    json: { type: 'string' },
    labels: { type: 'string', default: join(HERE, 'labels.json') },
    limit: { type: 'string', default: '180' },
    set: { type: 'string' },
    text: { type: 'string' },
  },
});

/** Runs the checker on one app. `said` is the outcome: a number of findings, or why there is no report. */
async function check(app) {
  const folder = join(values.checkouts, app.id, app.folder);
  const options = { timeout: Number(values.limit) * 1000, killSignal: 'SIGKILL' };
  const { seconds, mebibytes, code, output } = await measure(values.binary, ['check', folder, '--format', 'json'], options);
  const run = { id: app.id, seconds: round(seconds), mebibytes: Math.round(mebibytes), code };
  if (code === null) return { ...run, said: 'took too long', findings: [] };
  if (code === 2) return { ...run, said: 'nothing checked', findings: [] };
  const report = JSON.parse(output);
  const { findings } = report;
  return { ...run, said: `${findings.length} findings`, files: report.summary.files, cut: report.summary.cut.length, findings };
}

const round = (number) => Number(number.toPrecision(3));
const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const share = (part, rest) => (part + rest ? (part / (part + rest)).toFixed(2) : '-');

/** Counts the findings of each rule, the most frequent first. */
function byRule(runs) {
  const counts = new Map();
  for (const { rule } of runs.flatMap(({ findings }) => findings)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, one], [, other]) => other - one));
}

/** A set's figures. */
function figures(apps, runs) {
  const score = {};
  for (const kind of Object.keys(KINDS)) {
    const count = (part) => sum(apps.map((app) => app[kind][part].length));
    const [found, missed, wrong] = ['found', 'missed', 'false'].map(count);
    score[kind] = {
      found,
      missed,
      false: wrong,
      recall: share(found, missed),
      precision: KINDS[kind].recallOnly ? '-' : share(found, wrong),
    };
  }
  const breaks = ({ consent, display, button }) => [consent, display, button].some((kind) => kind.found.length + kind.missed.length);
  return {
    apps: apps.length,
    score,
    'median findings an app': median(runs.map(({ findings }) => findings.length)),
    'most findings an app': Math.max(...runs.map(({ findings }) => findings.length)),
    'findings by rule': byRule(runs),
    'clean, and nothing labelled breaks a rule': apps.filter((app) => app.code === 0 && !breaks(app)).map(({ id }) => id),
    'clean, although a label breaks a rule': apps.filter((app) => app.code === 0 && breaks(app)).map(({ id }) => id),
    'no report': apps.filter(({ code }) => code !== 0 && code !== 1).map(({ id, said }) => `${id}: ${said}`),
    'most seconds': Math.max(...runs.map(({ seconds }) => seconds)),
    'most MiB': Math.max(...runs.map(({ mebibytes }) => mebibytes)),
  };
}

/** Formats a set's results for people. */
function told(name, set, apps) {
  const cells = (row, widths) =>
    row
      .map((cell, place) => String(cell).padEnd(widths[place]))
      .join(' ')
      .trimEnd();
  const head = ['', 'found', 'missed', 'false', 'recall', 'precision'];
  const lines = [`${name}: ${set.apps} apps`, '', cells(head, [10, 6, 7, 6, 7, 9])];
  for (const [kind, score] of Object.entries(set.score)) lines.push(cells([kind, ...Object.values(score)], [10, 6, 7, 6, 7, 9]));
  lines.push('');
  for (const [title, value] of Object.entries(set).slice(2)) {
    const text = Array.isArray(value)
      ? value.join(', ') || 'none'
      : typeof value === 'object'
        ? Object.entries(value)
            .map((each) => each.join(' '))
            .join(', ')
        : value;
    lines.push(`${title}: ${text}`);
  }
  for (const kind of Object.keys(KINDS)) {
    for (const [part, title] of [
      ['missed', 'missed'],
      ['false', 'false'],
      ['open', 'not counted'],
    ]) {
      const places = apps.flatMap((app) => app[kind][part].map((place) => `  ${app.id} ${place}`));
      if (places.length) lines.push('', `${kind}, ${title}:`, ...places);
    }
  }
  const widths = [5, 9, 6, 7, 5, 30];
  lines.push('', cells(['app', 'seconds', 'MiB', 'files', 'cut', 'said'], widths));
  for (const app of apps) lines.push(cells([app.id, app.seconds, app.mebibytes, app.files ?? '-', app.cut ?? '-', app.said], widths));
  return lines.join('\n') + '\n';
}

async function main() {
  const wanted = JSON.parse(readFileSync(values.labels, 'utf8')).apps.filter(
    ({ id, set }) => (!values.set || set === values.set) && (!values.app || values.app.includes(id)),
  );
  const result = {};
  const text = [];
  for (const name of new Set(wanted.map(({ set }) => set))) {
    const runs = [];
    const apps = [];
    for (const app of wanted.filter(({ set }) => set === name)) {
      const run = await check(app);
      const { findings, ...rest } = run;
      const kinds = Object.keys(KINDS).map((kind) => [kind, compare(app, findings, kind)]);
      runs.push(run);
      apps.push({ ...rest, ...Object.fromEntries(kinds) });
      process.stderr.write(`${app.id}: ${run.said}, ${run.seconds} s\n`);
    }
    result[name] = { ...figures(apps, runs), each: apps };
    text.push(told(name, figures(apps, runs), apps));
  }
  process.stdout.write(text.join('\n'));
  if (values.json) writeFileSync(values.json, JSON.stringify(result, null, 1) + '\n');
  if (values.text) writeFileSync(values.text, text.join('\n'));
}

if (values.help || !values.checkouts) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  await main();
}
