// Measures requests and the guard in engines other than V8, against a hand-written search.
//
//   cargo xtask build && node bench/client/engines.mjs [--json FILE]

import { fileURLToPath } from 'node:url';
import { bundle, inNewJsc, inNewQuickJs } from '../support/engines.mjs';
import { readOptions, report } from '../support/figures.mjs';

const HOSTS = { WebAssembly: 'wasm', 'plain JavaScript': 'plain' };
const jsc =
  (...flags) =>
  (script) =>
    inNewJsc(script, flags);

/** How to run a script in each engine, and the hosts that it can measure. */
const ENGINES = {
  JavaScriptCore: { run: jsc(), hosts: Object.keys(HOSTS) },
  'JavaScriptCore without JIT': { run: jsc('--useJIT=false'), hosts: Object.keys(HOSTS) },
  QuickJS: { run: inNewQuickJs, hosts: ['plain JavaScript'] },
};

const WANTED = { users: ['Chinese nickname'], sizes: ['1 KB', '100 KB'], plain: true, body: 'orders, an object' };
const here = (relative) => JSON.stringify(fileURLToPath(new URL(relative, import.meta.url)));
const source = (host) => `
  import { createAuth } from ${here(`../../pkg/dist/${host}.mjs`)};
  import { measure } from ${here('../guard/measure.mjs')};
  import { measureOne } from ${here('measure-calls.mjs')};
  globalThis.measured = async () => ({
    request: await measureOne(createAuth, 'https://api.shop.example', 1e3),
    guard: await measure({ createAuth, now: () => performance.now() }, ${JSON.stringify(WANTED)}),
  });`;

const figures = [];
for (const [engine, { run, hosts }] of Object.entries(ENGINES)) {
  for (const host of hosts) {
    const script = await bundle(source(HOSTS[host]), fileURLToPath(new URL('.', import.meta.url)));
    const { request, guard } = await run(script);
    const row = (group, name, ours, byHand) => ({
      group: `Other engines: ${group}`,
      name,
      value: ours * 1e3,
      unit: 'µs',
      ratio: ours / byHand,
      against: `by hand, ${Math.round(byHand * 1e3)} µs`,
    });
    figures.push(
      row('one request with 1 KB', `${host}, ${engine}`, request.guarded, request.byHand),
      ...guard.map(({ size, miniauth, handwritten }) => row('the guard', `${host}, ${engine}, ${size}`, miniauth, handwritten)),
    );
  }
}
await report(figures, readOptions());
