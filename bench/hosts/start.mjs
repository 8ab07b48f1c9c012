/**
 * From the first call to usable, in fresh processes, one host after another: `node bench/hosts/start.mjs [ROUNDS]`.
 *
 * Ratios count, for both hosts ran on the same machine at the same time.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOSTS = ['wasm', 'plain', 'index'];
const rounds = Number(process.argv[2] || 15);

/** Milliseconds that loading the file and the first call each take. */
function start(host) {
  const file = fileURLToPath(new URL(`../../pkg/dist/${host}.js`, import.meta.url));
  const script = `
    const begun = performance.now();
    const { createAuth } = require(${JSON.stringify(file)});
    const loaded = performance.now();
    createAuth({ my: {}, server: 'https://api.shop.example' }).consents().then(() => {
      console.log(JSON.stringify([loaded - begun, performance.now() - loaded]));
    });`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const times = Object.fromEntries(HOSTS.map((host) => [host, []]));
for (let round = 0; round < rounds; round += 1) for (const host of HOSTS) times[host].push(start(host));
const [base] = HOSTS;
const of = (host, part) => median(times[host].map((time) => time[part]));
console.log(`${'host'.padEnd(8)} ${'load ms'.padStart(9)} ${'start ms'.padStart(9)} ${'start / wasm'.padStart(13)}`);
for (const host of HOSTS) {
  const [load, begin] = [of(host, 0), of(host, 1)];
  const ratio = (begin / of(base, 1)).toFixed(2);
  console.log(`${host.padEnd(8)} ${load.toFixed(1).padStart(9)} ${begin.toFixed(1).padStart(9)} ${ratio.padStart(13)}`);
}
