// Measures the checker: `node bench/checker/run.mjs --binary target/release/miniauth`. Prints what it finds on the shared cases
// beside an ESLint rule with the same lists, then time, memory and growth on generated projects.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Linter } from 'eslint';
import { consentWithoutTap, displayOnlyForwarded } from './eslint-peer.mjs';
import { generateProject, minified } from './generate.mjs';
import { measure } from './measure.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const CASES = join(ROOT, 'crates/checker/cases');
const { values } = parseArgs({
  options: { binary: { type: 'string', default: join(ROOT, 'target/release/miniauth') }, json: { type: 'string' } },
});

const PEER_RULES = { 'consent-without-tap': consentWithoutTap, 'display-only-forwarded': displayOnlyForwarded };

function peer(files, rule) {
  const linter = new Linter();
  const plugins = { miniauth: { rules: { rule: PEER_RULES[rule] } } };
  return Object.entries(files).some(([path, text]) => {
    if (!path.endsWith('.js') || path.includes('node_modules')) {
      return false;
    }
    return linter.verify(text, [{ plugins, rules: { 'miniauth/rule': 'error' } }]).some((message) => !message.fatal);
  });
}

async function ours(files, rule, folder) {
  const pages = Object.keys(files).filter((path) => /^pages\/.*\.axml$/.test(path)).map((path) => path.slice(0, -5));
  const all = { 'app.json': JSON.stringify({ pages }), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const run = await measure(values.binary, ['check', folder, '--rule', rule, '--format', 'json']);
  return JSON.parse(run.output).findings.length > 0;
}

async function accuracy(rendition, cases) {
  const score = {};
  for (const [name, renditions] of Object.entries(cases)) {
    const [rule] = name.split('/');
    const expected = readFileSync(join(CASES, `${name}.case`), 'utf8').split('-- expected --\n')[1].trim() !== '';
    const folder = mkdtempSync(join(tmpdir(), 'miniauth-case-'));
    const answers = { miniauth: await ours(renditions[rendition], rule, folder) };
    rmSync(folder, { recursive: true });
    if (rule in PEER_RULES) {
      answers['ESLint rule'] = peer(renditions[rendition], rule);
    }
    for (const [tool, found] of Object.entries(answers)) {
      const count = (score[`${tool} (${rendition})`] ??= { cases: 0, found: 0, missed: 0, false: 0 });
      count.cases += 1;
      if (expected) {
        count[found ? 'found' : 'missed'] += 1;
      } else if (found) {
        count.false += 1;
      }
    }
  }
  return score;
}

async function speed() {
  const rows = [];
  const folder = mkdtempSync(join(tmpdir(), 'miniauth-bench-'));
  for (const [pages, modules] of [[20, 100], [200, 1_000], [2_000, 10_000]]) {
    const root = join(folder, String(modules));
    mkdirSync(root);
    generateProject(root, pages, modules);
    const { seconds, mebibytes } = await measure(values.binary, ['check', root, '--format', 'github']);
    const ideal = modules * Math.log2(modules);
    rows.push({ project: `${pages} pages, ${modules} modules`, seconds, mebibytes, 'µs / n log n': (seconds * 1e6) / ideal });
  }
  const large = join(folder, 'large', 'pages/a');
  mkdirSync(large, { recursive: true });
  writeFileSync(join(large, 'index.js'), minified(2 << 20));
  const { seconds, mebibytes } = await measure(values.binary, ['check', join(folder, 'large'), '--format', 'github']);
  rows.push({ project: 'one minified file of 2 MiB', seconds, mebibytes });
  rmSync(folder, { recursive: true });
  return rows;
}

const cases = JSON.parse(execFileSync('node', [join(CASES, 'render.mjs')], { maxBuffer: 1 << 28 }));
const found = { ...(await accuracy('es2018', cases)), ...(await accuracy('es5', cases)) };
console.table(found);
const timed = await speed();
console.table(timed);
if (values.json) {
  writeFileSync(values.json, JSON.stringify({ found, timed }, null, 2) + '\n');
}
