// Compares encodings of the module's bytes in a JavaScript file: base64, deflate with an inflater in JavaScript, and the package's
// own.
//
//   cargo xtask build && node bench/client/packing.mjs [--json FILE]

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { bundle, inNewNode, startChromium } from '../support/engines.mjs';
import { median, readOptions, report } from '../support/figures.mjs';
import { withPeers } from '../support/peers.mjs';

const INFLATER = { fflate: '0.8.2' };
const ROUNDS = 9;
const here = (relative) => JSON.stringify(fileURLToPath(new URL(relative, import.meta.url)));

/** Page logic has no `atob`. */
const DECODER = `
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  function decodeBase64(text) {
    const values = new Uint8Array(128);
    for (let digit = 0; digit < 64; digit += 1) values[DIGITS.charCodeAt(digit)] = digit;
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    const bytes = new Uint8Array((text.length / 4) * 3 - padding);
    const value = (at) => values[text.charCodeAt(at)];
    for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
      const group = (value(from) << 18) | (value(from + 1) << 12) | (value(from + 2) << 6) | value(from + 3);
      bytes[to] = group >> 16;
      bytes[to + 1] = group >> 8;
      bytes[to + 2] = group;
    }
    return bytes;
  }`;

function ways(module) {
  const deflated = deflateRawSync(module, { level: 9 }).toString('base64');
  return {
    'base64 alone': `${DECODER} const unpack = () => decodeBase64('${module.toString('base64')}');`,
    'deflate, inflated by fflate': `import { inflateSync } from 'fflate'; ${DECODER}
      const unpack = () => inflateSync(decodeBase64('${deflated}'), { out: new Uint8Array(${module.length}) });`,
    'a character a byte': `import { moduleBytes as unpack } from ${here('../../js/src/hosts.js')};`,
  };
}

/** Measures the way from packed bytes to an instantiated module, the first time in this engine. */
const timed = (source, length) => `${source}
  globalThis.measured = async () => {
    const start = performance.now();
    const bytes = unpack();
    await WebAssembly.compile(bytes);
    if (bytes.length !== ${length}) throw new Error('damaged');
    return performance.now() - start;
  };`;

async function measure(folder) {
  const module = await readFile(new URL('../../pkg/dist/workers/miniauth.wasm', import.meta.url));
  const chromium = await startChromium();
  const scripts = {};
  for (const [name, source] of Object.entries(ways(module))) {
    const script = await bundle(timed(source, module.length), folder, { minify: true });
    const gzip = gzipSync(script, { level: 9 }).length;
    scripts[name] = { script, gzip: gzip / 1024, raw: script.length / 1024, Node: [], Chromium: [] };
  }
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of Object.values(scripts)) {
        way.Node.push(await inNewNode(way.script));
        way.Chromium.push(await chromium.measured(way.script));
      }
    }
  } finally {
    await chromium.close();
  }
  return scripts;
}

function figures(scripts) {
  const [[plain, base], ...others] = Object.entries(scripts);
  const rows = (group, unit, of, where = '') => [
    { group, name: `${plain}${where}`, value: of(base), unit },
    ...others.map(([name, way]) => {
      const value = of(way);
      return { group, name: `${name}${where}`, value, unit, ratio: value / of(base), against: plain };
    }),
  ];
  return [
    ...rows('Module in JavaScript, after gzip', 'KB', ({ gzip }) => gzip),
    ...rows('Module in JavaScript, as stored', 'KB', ({ raw }) => raw),
    ...['Node', 'Chromium'].flatMap((engine) => rows('Module unpacked and compiled', 'ms', (way) => median(way[engine]), `, ${engine}`)),
  ];
}

await report(figures(await withPeers(INFLATER, measure)), readOptions());
