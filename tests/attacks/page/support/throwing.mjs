import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { RealClock } from '../../../bare/support/clock.mjs';
import { bareEngine } from '../../../bare/support/engine.mjs';

const SOURCES = fileURLToPath(new URL('../../../../js', import.meta.url));

/** Counts the module's calls into JavaScript, and makes one of them throw instead of running. */
const COUNTED = `
  import { imports as real } from 'real-imports';
  export const imports = {};
  for (const name of Object.keys(real)) {
    imports[name] = (...passed) => {
      if (typeof attack !== 'undefined' && attack) {
        attack.calls += 1;
        if (attack.calls === attack.at) {
          attack.fired = true;
          throw attack.thrown;
        }
      }
      return real[name](...passed);
    };
  }
`;

const counted = {
  name: 'counted imports',
  setup(bundler) {
    const real = path.join(SOURCES, 'generated/imports.js');
    bundler.onResolve({ filter: /^real-imports$/ }, () => ({ path: real }));
    bundler.onResolve({ filter: /generated\/imports\.js$/ }, () => ({ path: real, namespace: 'counted' }));
    bundler.onLoad({ filter: /./, namespace: 'counted' }, () => ({ contents: COUNTED, resolveDir: path.dirname(real) }));
  },
};

/** Where the module runs: the globals it finds there, and the entry that an app imports. */
export const HOSTS = {
  wasm: { globals: 'iOS', entry: 'wasm.js' },
  plain: { globals: 'no WebAssembly', entry: 'plain.js' },
  Worker: { globals: 'Worker', entry: 'worker.js' },
};

/**
 * Builds the package for a host from its sources, with the module's calls into JavaScript counted.
 *
 * @param {keyof typeof HOSTS} host
 * @param {string} folder the installed package
 * @param {number} haste how many times faster its timers run
 */
export async function throwingEngine(host, folder, haste) {
  const { globals, entry } = HOSTS[host];
  const copy = `${folder}-${host}`;
  await cp(folder, copy, { recursive: true });
  const bundle = (from, to, options) =>
    build({
      entryPoints: [path.join(SOURCES, 'src', from)],
      outfile: path.join(copy, 'dist', to),
      bundle: true,
      platform: 'neutral',
      target: 'es2018',
      charset: 'utf8',
      logLevel: 'error',
      allowOverwrite: true,
      plugins: [counted],
      ...options,
    });
  await bundle(`entries/${entry}`, entry, { format: 'cjs' });
  if (host === 'Worker') {
    await bundle('worker/main.js', 'workers/miniauth.js', { format: 'iife', inject: [path.join(SOURCES, 'src/worker/timers.js')] });
  }
  const engine = bareEngine(globals, copy, new RealClock(haste));
  return {
    createAuth: (options) => engine.require(`dist/${entry}`).createAuth({ ...engine.options, ...options }),
    /**
     * Runs something while the call with number `at` throws; without a number, none throws.
     *
     * @returns {Promise<{ calls: number, fired: boolean }>} how many calls there were, and whether one threw
     */
    async during(run, at = -1, thrown = undefined) {
      // This works only once the module is loaded.
      engine.runBesideModule('var attack = { calls: 0, at: -1, fired: false, thrown: undefined };');
      const attack = engine.runBesideModule('attack');
      Object.assign(attack, { at, thrown });
      await run();
      engine.runBesideModule('attack = undefined');
      return { calls: attack.calls, fired: attack.fired };
    },
  };
}
