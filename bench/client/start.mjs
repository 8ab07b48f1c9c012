// From the package's text to the first answered call, in new processes, one host after another.
//
//   cargo xtask build && node bench/client/start.mjs [--json FILE] [--rounds N]

import { fileURLToPath } from 'node:url';
import { bundle, inNewNode, startChromium } from '../support/engines.mjs';
import { median, readOptions, report } from '../support/figures.mjs';

const HOSTS = { WebAssembly: 'wasm', 'plain JavaScript': 'plain', 'both, by feature': 'index' };
const { rounds, json } = readOptions({ rounds: { type: 'string', default: '15' } });
const folder = fileURLToPath(new URL('../../pkg/dist/', import.meta.url));

const server = 'https://api.shop.example';

/** The file's text is read, run, and asked for something that needs nothing of the platform. */
const timed = (text) => `
  const text = ${JSON.stringify(text)};
  globalThis.measured = async () => {
    const start = performance.now();
    (0, eval)(text);
    await globalThis.createAuth({ my: {}, server: '${server}' }).consents();
    return performance.now() - start;
  };`;

const chromium = await startChromium();
const hosts = {};
try {
  for (const [name, host] of Object.entries(HOSTS)) {
    const text = await bundle(`globalThis.createAuth = require('./${host}.js').createAuth;`, folder, { minify: true });
    hosts[name] = { script: timed(text), Node: [], Chromium: [] };
  }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const host of Object.values(hosts)) {
      host.Node.push(await inNewNode(host.script));
      host.Chromium.push(await chromium.measured(host.script));
    }
  }
} finally {
  await chromium.close();
}

const [base] = Object.keys(HOSTS);
const figures = ['Node', 'Chromium'].flatMap((engine) =>
  Object.entries(hosts).map(([name, times]) => ({
    group: "From the file's text to the first answer",
    name: `${name}, ${engine}`,
    value: median(times[engine]),
    unit: 'ms',
    ...(name !== base && { ratio: median(times[engine]) / median(hosts[base][engine]), against: base }),
  })),
);
await report(figures, { json });
