/**
 * Measures the display-only guard of the built package in Node and in Chromium.
 *
 *     cargo xtask build && node bench/guard/run.mjs [--json FILE]
 */
import { fileURLToPath } from 'node:url';
import { bundle, inNewNode, startChromium } from '../support/engines.mjs';
import { readOptions, report } from '../support/figures.mjs';

/** The limit in megabytes per second for data that is not encoded, from 100 KB on. */
const WANTED = 100;

const HOSTS = { WebAssembly: 'wasm', 'plain JavaScript': 'plain' };

/** What to measure where: everything on the usual host, a part on the other one and for other users. */
const PASSES = [
  { host: 'WebAssembly', users: ['Chinese nickname'], sizes: ['1 KB', '100 KB', '1 MB'], plain: true },
  { host: 'WebAssembly', users: ['Chinese nickname'], sizes: ['100 KB'], plain: false },
  { host: 'WebAssembly', users: ['two characters', 'four letters'], sizes: ['100 KB'], plain: true },
  { host: 'plain JavaScript', users: ['Chinese nickname'], sizes: ['100 KB'], plain: true },
  { host: 'plain JavaScript', users: ['Chinese nickname'], sizes: ['100 KB'], plain: false },
];

const here = (path) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
const source = (host, call) => `
  import { createAuth } from ${here(`../../pkg/dist/${HOSTS[host]}.mjs`)};
  import { measure, measureHeaviest } from ${here('measure.mjs')};
  const engine = { createAuth, now: () => performance.now() };
  globalThis.measured = () => ${call};`;
const script = (host, call) => bundle(source(host, call), fileURLToPath(new URL('.', import.meta.url)));

const chromium = await startChromium();
const engines = { Node: inNewNode, Chromium: chromium.measured };
const figures = [];
const heaviest = [];
try {
  for (const [engine, run] of Object.entries(engines)) {
    for (const { host, ...wanted } of PASSES) {
      const rows = await run(await script(host, `measure(engine, ${JSON.stringify(wanted)})`));
      figures.push(...rows.map((row) => described(engine, host, row)));
    }
    for (const host of Object.keys(HOSTS)) {
      heaviest.push(ceiling(engine, host, await run(await script(host, 'measureHeaviest(engine)'))));
    }
  }
} finally {
  await chromium.close();
}
await report([...figures, ...heaviest], readOptions());

function described(engine, host, { user, body, plain, size, bytes, miniauth, handwritten }) {
  const speed = (milliseconds) => bytes / 1e3 / milliseconds;
  const isUsual = user === 'Chinese nickname';
  return {
    group: `Guard: ${groupOf({ engine, host, plain, isUsual })}`,
    name: [body, size !== '100 KB' || (plain && isUsual && host === 'WebAssembly') ? size : engine, !isUsual && user]
      .filter(Boolean)
      .join(', '),
    value: speed(miniauth),
    unit: 'MB/s',
    ratio: handwritten / miniauth,
    against: `by hand in JavaScript, ${speed(handwritten).toFixed(0)} MB/s`,
    ...(plain && isUsual && host === 'WebAssembly' && size !== '1 KB' && { at_least: WANTED, judged: 'value' }),
  };
}

function groupOf({ engine, host, plain, isUsual }) {
  if (!isUsual) return 'short nicknames, 100 KB';
  if (host === 'WebAssembly' && plain) return `not encoded, ${engine}`;
  return `${plain ? 'not encoded' : 'encoded'}, ${host}, 100 KB`;
}

function ceiling(engine, host, { milliseconds, megabytes, refused }) {
  return {
    group: 'Guard: the most that one request can cost',
    name: `${host}, ${engine}: ${megabytes} MB in base64 twice, ${refused ? 'refused' : 'searched'}`,
    value: milliseconds,
    unit: 'ms',
  };
}
