// Runs each tool on the checker's cases: what it finds, misses and reports wrongly, with time and memory.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import { consentWithoutTap, displayOnlyForwarded } from './eslint-peer.mjs';
import { measure } from './measure.mjs';
import { miniTracker, taintMini } from './peers.mjs';
import { forWechat } from './wechat.mjs';

const PEER_RULES = { 'consent-without-tap': consentWithoutTap, 'display-only-forwarded': displayOnlyForwarded };

/** Writes files into a temporary folder, and deletes them afterwards. */
async function inFolder(files, use) {
  const parent = mkdtempSync(join(tmpdir(), 'miniauth-case-'));
  const folder = join(parent, 'app');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    return await use(folder);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

function withEslint(files, rule) {
  const start = process.hrtime.bigint();
  const linter = new Linter();
  const plugins = { miniauth: { rules: { rule: PEER_RULES[rule] } } };
  const found = Object.entries(files).some(([path, text]) => {
    if (!path.endsWith('.js') || path.includes('node_modules')) {
      return false;
    }
    return linter.verify(text, [{ plugins, rules: { 'miniauth/rule': 'error' } }]).some((message) => !message.fatal);
  });
  return { found, seconds: Number(process.hrtime.bigint() - start) / 1e9, mebibytes: process.memoryUsage.rss() / 2 ** 20 };
}

async function withMiniauth(binary, files, rule) {
  const pages = Object.keys(files)
    .filter((path) => /^pages\/.*\.axml$/.test(path))
    .map((path) => path.slice(0, -5));
  return inFolder({ 'app.json': JSON.stringify({ pages }), ...files }, async (folder) => {
    const run = await measure(binary, ['check', folder, '--rule', rule, '--format', 'json']);
    return { ...run, found: JSON.parse(run.output).findings.length > 0 };
  });
}

/** The tools, each with the rules that it can check. */
function tools({ binary, taintmini, minitracker, python }) {
  const all = {
    'miniauth check': { rules: null, run: (files, rule) => withMiniauth(binary, files, rule) },
    'ESLint rule': { rules: Object.keys(PEER_RULES), run: withEslint },
  };
  const research = { TaintMini: taintmini && taintMini(taintmini, python), MiniTracker: minitracker && miniTracker(minitracker) };
  for (const [name, check] of Object.entries(research)) {
    if (check) {
      all[name] = { rules: ['display-only-forwarded'], run: (files) => inFolder(forWechat(files), check) };
    }
  }
  return all;
}

function add(score, expected, answer) {
  score.cases += 1;
  if (expected) {
    score[answer.found ? 'found' : 'missed'] += 1;
  } else if (answer.found) {
    score.false += 1;
  }
  score.seconds += answer.seconds;
  score.mebibytes = Math.max(score.mebibytes, answer.mebibytes);
}

/**
 * @param {string} folder the folder of the cases
 * @param {{ binary: string, taintmini?: string, minitracker?: string, python: string, renditions: string[], every: number }} options
 *   `every`: run every nth case
 * @returns {Promise<Record<string, object>>} a score for each tool, rule and rendition
 */
export async function accuracy(folder, options) {
  const cases = JSON.parse(execFileSync('node', [join(folder, 'render.mjs')], { maxBuffer: 1 << 28 }));
  const scores = {};
  for (const [tool, { rules, run }] of Object.entries(tools(options))) {
    for (const [name, renditions] of Object.entries(cases).filter((_, place) => place % options.every === 0)) {
      const [rule] = name.split('/');
      const expected =
        readFileSync(join(folder, `${name}.case`), 'utf8')
          .split('-- expected --\n')[1]
          .trim() !== '';
      for (const rendition of rules && !rules.includes(rule) ? [] : options.renditions) {
        const group = rule in PEER_RULES ? rule : 'other rules';
        const score = (scores[`${tool}, ${group}, ${rendition}`] ??= {
          cases: 0,
          found: 0,
          missed: 0,
          false: 0,
          seconds: 0,
          mebibytes: 0,
        });
        add(score, expected, await run(renditions[rendition], rule));
      }
    }
  }
  for (const score of Object.values(scores)) {
    score['seconds a case'] = score.seconds / score.cases;
    delete score.seconds;
  }
  return scores;
}
