// Measures the cost of a guarded `httpRequest` against the platform's bare call, over a real loopback connection and by itself.
//
//   cargo xtask build && node bench/client/calls.mjs [--json FILE]

import { fileURLToPath } from 'node:url';
import { bundle, inNewNode, startChromium } from '../support/engines.mjs';
import { readOptions, report } from '../support/figures.mjs';

const HOSTS = { WebAssembly: 'wasm', 'plain JavaScript': 'plain' };
const here = (relative) => JSON.stringify(fileURLToPath(new URL(relative, import.meta.url)));

/** The answer of the app's own server. */
const ANSWERS = {
  '/auth': JSON.stringify({ session: 'x'.repeat(43), expires_in: 3600, member: null }),
  '/orders': JSON.stringify({ accepted: true }),
};

function answer(request, response) {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(ANSWERS[request.url]);
  });
}

const source = (host, origin) => `
  import { createAuth } from ${here(`../../pkg/dist/${host}.mjs`)};
  import { measure } from ${here('measure-calls.mjs')};
  globalThis.measured = () => measure(createAuth, '${origin}');`;

const figures = [];
const chromium = await startChromium(answer);
try {
  for (const [name, host] of Object.entries(HOSTS)) {
    const script = await bundle(source(host, chromium.origin), fileURLToPath(new URL('.', import.meta.url)));
    const engines = { Node: await inNewNode(script), Chromium: await chromium.measured(script) };
    for (const [engine, rows] of Object.entries(engines)) figures.push(...rows.flatMap((row) => described(name, engine, row)));
  }
} finally {
  await chromium.close();
}
await report(figures, readOptions());

function described(host, engine, { body, bare, guarded, alone }) {
  return [
    {
      group: 'A guarded httpRequest over loopback',
      name: `${host}, ${engine}, body of ${body}`,
      value: guarded * 1e3,
      unit: 'µs',
      ratio: guarded / bare,
      against: `the bare call, ${Math.round(bare * 1e3)} µs`,
    },
    {
      group: 'What the guarded httpRequest adds',
      name: `${host}, ${engine}, body of ${body}`,
      value: alone * 1e3,
      unit: 'µs',
    },
  ];
}
