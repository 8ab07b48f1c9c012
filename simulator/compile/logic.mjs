import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { SourceFault } from './fault.mjs';
import { checkSource } from './source-check.mjs';

const RUNTIME = fileURLToPath(new URL('../worker/boot.mjs', import.meta.url));

/** Name of the generated entry in messages and source maps. */
const ENTRY = 'simulator-entry.js';

/** The simulator's own files within the bundle: not page code, so not checked as such. */
const OWN_FOLDERS = ['../worker/', './'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

/**
 * Bundles the simulator's Worker runtime and the mini-program's logic (`app.js`, every page, what they require) to one
 * classic script: the Worker can import nothing once its network is closed.
 *
 * @param {string} folder the mini-program's folder
 * @param {string[]} routes
 * @returns {Promise<{ code: string, map: object | null, faults: SourceFault[], files: string[] }>}
 */
export async function bundleLogic(folder, routes) {
  const faults = [];
  const files = [];
  const result = await build({
    stdin: { contents: entry(routes), resolveDir: folder, sourcefile: ENTRY },
    bundle: true,
    write: false,
    outfile: path.join(folder, 'worker.js'),
    format: 'iife',
    platform: 'browser',
    mainFields: ['main'],
    conditions: [],
    target: 'es2020',
    charset: 'utf8',
    sourcemap: 'external',
    metafile: true,
    logLevel: 'silent',
    absWorkingDir: folder,
    plugins: [checkPlugin(folder, faults, files)],
  }).catch((error) => {
    if (!error.errors) throw error;
    faults.push(...error.errors.map((message) => toFault(message)));
    return null;
  });
  if (!result || faults.length > 0) return { code: '', map: null, faults, files };
  const output = (extension) => result.outputFiles.find(({ path: name }) => name.endsWith(extension)).text;
  return {
    code: output('.js'),
    map: JSON.parse(output('.map')),
    faults: result.warnings.map((message) => toFault(message)),
    files,
  };
}

/** Whether a source of the bundle is the simulator's and not the mini-program's. @param {string} file absolute path */
export function isOwnSource(file) {
  return path.basename(file) === ENTRY || OWN_FOLDERS.some((own) => file.startsWith(own));
}

/** The pages are required lazily: the runtime first takes away what page code must not see. */
function entry(routes) {
  const pages = routes.map((route) => `${JSON.stringify(route)}: () => require(${JSON.stringify(`./${route}.js`)})`);
  return `require(${JSON.stringify(RUNTIME)}).boot({ app: () => require('./app.js'), pages: { ${pages.join(', ')} } });`;
}

function checkPlugin(folder, faults, files) {
  return {
    name: 'check-source',
    setup(bundler) {
      bundler.onLoad({ filter: /\.[cm]?js$/ }, async ({ path: file }) => {
        if (isOwnSource(file)) return undefined;
        files.push(file);
        const contents = await readFile(file, 'utf8');
        const name = path.relative(folder, file);
        const own = !name.startsWith('..') && !name.split(path.sep).includes('node_modules');
        faults.push(...checkSource(name, contents, { own }));
        return { contents, loader: 'js' };
      });
    },
  };
}

/** A file that the entry cannot find is one that app.json made it look for. */
function toFault({ text, location }) {
  if (!location || location.file === ENTRY) return new SourceFault(text, { file: 'app.json' });
  return new SourceFault(text, { file: location.file, line: location.line, column: location.column + 1 });
}
