// Measures what the package adds to a mini-program's size, against peers that the same tool bundles and minifies.
//
//   cargo xtask build && node bench/client/sizes.mjs [--json FILE]

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { readOptions, report } from '../support/figures.mjs';
import { withPeers } from '../support/peers.mjs';

/** The WebAssembly host's limit, gzipped, in kilobytes of 1,024 bytes. */
const LIMIT = 75_000 / 1024;

/** Login libraries of other platforms: npm package, version, and an app's import. */
const PEERS = {
  'wafer2-client-sdk': { version: '2.1.0' },
  'luch-request': { version: '3.1.1' },
  flyio: { version: '0.6.14', source: `import fly from 'flyio/dist/npm/wx'; export default fly;` },
  'wx-promise-request': { version: '2.1.3' },
  alova: {
    version: '3.5.5',
    source: `export { createAlova } from 'alova';
      export { default as adapter } from 'alova/fetch';
      export { createServerTokenAuthentication } from 'alova/client';`,
  },
  'oidc-client-ts': { version: '3.5.0' },
  '@supabase/auth-js': { version: '2.119.0' },
  '@auth0/auth0-spa-js': { version: '2.27.0' },
  '@cloudbase/js-sdk': { version: '3.7.0' },
  '@firebase/auth': {
    version: '1.13.6',
    with: { '@firebase/app': '0.16.2' },
    source: `export { initializeApp } from '@firebase/app';
      export { initializeAuth, onAuthStateChanged, signInWithCustomToken, signOut } from '@firebase/auth';`,
  },
};

/** The hosts, by an app's import. */
const HOSTS = {
  'WebAssembly only': 'wasm',
  'plain JavaScript only': 'plain',
  'both, by feature': 'index',
  'the page side of the Worker': 'worker',
};

const PACKAGE = fileURLToPath(new URL('../../pkg/dist/', import.meta.url));
const KILO = 1024;

async function minified(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    target: 'es2018',
    format: 'cjs',
    platform: 'browser',
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}

const sizesOf = (bytes) => ({ raw: bytes.length / KILO, gzip: gzipSync(bytes, { level: 9 }).length / KILO });

async function peers(folder) {
  const sizes = {};
  for (const [name, { version, source }] of Object.entries(PEERS)) {
    const file = path.join(folder, `${name.replace(/\W/g, '-')}.mjs`);
    await writeFile(file, source ?? `import * as all from '${name}'; globalThis.app = all;`);
    sizes[`${name} ${version}`] = sizesOf(await minified(file));
  }
  return sizes;
}

/** Measures the package's files as they are shipped. */
async function hosts() {
  const sizes = {};
  for (const [name, entry] of Object.entries(HOSTS)) sizes[name] = sizesOf(await readFile(path.join(PACKAGE, `${entry}.js`)));
  const inWorker = ['workers/miniauth.js', 'workers/miniauth.wasm'].map((file) => readFile(path.join(PACKAGE, file)));
  const parts = (await Promise.all(inWorker)).map(sizesOf);
  sizes['the Worker itself, with its module'] = {
    raw: parts.reduce((sum, { raw }) => sum + raw, 0),
    gzip: parts.reduce((sum, { gzip }) => sum + gzip, 0),
  };
  return sizes;
}

const ours = await hosts();
const base = ours['WebAssembly only'];
const figures = (sizes, measure, group) =>
  Object.entries(sizes).map(([name, size]) => ({
    group,
    name,
    value: size[measure],
    unit: 'KB',
    ...(size === base ? measure === 'gzip' && { at_most: LIMIT } : { ratio: size[measure] / base[measure], against: 'WebAssembly only' }),
  }));
const packages = Object.entries(PEERS).map(([name, peer]) => ({ [name]: peer.version, ...peer.with }));
const theirs = await withPeers(Object.assign({}, ...packages), peers);
const byGzip = Object.fromEntries(Object.entries(theirs).sort(([, a], [, b]) => a.gzip - b.gzip));
const all = { ...ours, ...byGzip };
await report([...figures(all, 'gzip', 'Size after gzip'), ...figures(all, 'raw', 'Size as stored')], readOptions());
