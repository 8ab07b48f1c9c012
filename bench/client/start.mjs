// Measures the way from the package's source text to the first answered call, in new processes, one host after another.
//
//   cargo xtask build && node bench/client/start.mjs [--json FILE] [--rounds N]

import { fileURLToPath } from 'node:url';
import { bundle, inNewJsc, inNewNode, inNewQuickJs, startChromium } from '../support/engines.mjs';
import { median, readOptions, report } from '../support/figures.mjs';

const HOSTS = { WebAssembly: 'wasm', 'plain JavaScript': 'plain', 'both, by feature': 'index' };

/** Measures a hand-written search from its source text to its first answer, for comparison in each engine. */
const BY_HAND = 'the search by hand';
const { rounds, json } = readOptions({ rounds: { type: 'string', default: '15' } });
const folder = fileURLToPath(new URL('../../pkg/dist/', import.meta.url));

const server = 'https://api.shop.example';

/** Reads and runs the file, and makes a call that does not need the platform. */
const timed = (text, ask) => `
  const text = ${JSON.stringify(text)};
  globalThis.measured = async () => {
    const start = performance.now();
    (0, eval)(text);
    await ${ask};
    return performance.now() - start;
  };`;

const scripts = {};
for (const [name, host] of Object.entries(HOSTS)) {
  const text = await bundle(`globalThis.createAuth = require('./${host}.js').createAuth;`, folder, { minify: true });
  scripts[name] = timed(text, `globalThis.createAuth({ my: {}, server: '${server}' }).consents()`);
}
/** Measures what a user waits for at the first tap after the app's start, with and without starting the module before. */
const timedTap = (text, prepare) => `
  const text = ${JSON.stringify(text)};
  const answer = { response: JSON.stringify({ response: { code: '10000', nickName: 'Moon', avatar: 'https://shop.example/1.png' } }) };
  const my = { canIUse: () => true, getOpenUserInfo: ({ success }) => void success(answer) };
  globalThis.measured = async () => {
    (0, eval)(text);
    const auth = globalThis.createAuth({ my, server: '${server}' });
    ${prepare ? 'await auth.prepare();' : ''}
    const start = performance.now();
    await auth.getAuthUserInfo({ type: 'tap', timeStamp: Date.now() }, { purpose: 'to greet you' });
    return performance.now() - start;
  };`;

const PREPARED = ', after prepare()';
const taps = {};
for (const [name, host] of Object.entries(HOSTS)) {
  const text = await bundle(`globalThis.createAuth = require('./${host}.js').createAuth;`, folder, { minify: true });
  taps[name] = timedTap(text, false);
  taps[`${name}${PREPARED}`] = timedTap(text, true);
}

const byHand = fileURLToPath(new URL('../guard/handwritten.mjs', import.meta.url));
const search = await bundle(`globalThis.search = require(${JSON.stringify(byHand)}).handwrittenGuard;`, folder, { minify: true });
scripts[BY_HAND] = timed(search, `globalThis.search({ nickName: 'Moon', avatar: 'https://shop.example/1.png' })({ note: 'tea' })`);

const chromium = await startChromium();
const engines = {
  Node: inNewNode,
  Chromium: chromium.measured,
  JavaScriptCore: (script) => inNewJsc(script, []),
  'JavaScriptCore without JIT': (script) => inNewJsc(script, ['--useJIT=false']),
  QuickJS: inNewQuickJs,
};
const GROUPS = { "From the file's text to the first answer": scripts, 'From the first tap to its answer': taps };

/** An engine without WebAssembly has one host. */
const runs = Object.entries(GROUPS).flatMap(([group, measured]) =>
  Object.keys(engines).flatMap((engine) => {
    const names = Object.keys(measured).filter((name) => engine !== 'QuickJS' || name.startsWith('plain') || name === BY_HAND);
    return names.map((name) => ({ group, engine, name, script: measured[name], times: [] }));
  }),
);
try {
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const { engine, script, times } of runs) times.push(await engines[engine](script));
  }
} finally {
  await chromium.close();
}

const figures = runs.map(({ group, engine, name, times }) => {
  const beside = runs.filter((run) => run.group === group && run.engine === engine);
  const base = beside.find((run) => `${run.name}${PREPARED}` === name) ?? beside[0];
  return {
    group,
    name: `${name}, ${engine}`,
    value: median(times),
    unit: 'ms',
    ...(name !== base.name && { ratio: median(times) / median(base.times), against: base.name }),
  };
});
await report(figures, { json });
