import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { SourceFault } from './fault.mjs';
import { checkSource, checkWorkerSource } from './source-check.mjs';
import { workerFacts } from './vocabulary.mjs';

const runtime = (file) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** What starts page logic, and what starts the Worker that page logic may have. */
const RUNTIME = runtime('../worker/boot.mjs');
const BACKGROUND_RUNTIME = runtime('../background/boot.mjs');

/** Name of the generated entry in messages and source maps. */
const ENTRY = 'simulator-entry.js';

/** The simulator's own files within the bundle: not page code, so not checked as such. */
const OWN_FOLDERS = ['../worker/', '../background/', '../platform/', '../../platform/', './'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/**
 * Bundles the simulator's Worker runtime and the mini-program's logic (`app.js`, every page, what they require) to one
 * classic script: the Worker can import nothing once its network is closed.
 *
 * @param {string} folder the mini-program's folder
 * @param {string[]} routes
 * @param {Awaited<ReturnType<import('./manifest.mjs').readProjectConfig>>} config
 * @returns {Promise<{ code: string, map: object | null, faults: SourceFault[], notices: SourceFault[], files: string[] }>}
 */
export async function bundleLogic(folder, routes, { syntaxOf }) {
  const untranslated = new Map();
  const result = await bundle(folder, entry(routes), (file, text) => {
    const { isPackage, name, place } = ownerOf(folder, file);
    const checked = checkSource(path.relative(folder, file), text, { own: !isPackage, syntax: syntaxOf(place, isPackage) });
    const found = checked.untranslated;
    // Files are read side by side: the one that is named does not depend on which is ready first.
    if (found && !(untranslated.get(name)?.file < found.file)) untranslated.set(name, found);
    return checked;
  });
  return { ...result, notices: [...untranslated].map(([name, fault]) => untranslatedNotice(name, fault)) };
}

/** One for each package, where its first file is newer than ES5. */
function untranslatedNotice(name, { file, line, column }) {
  const whose = name === '' ? 'the mini-program' : `the package ${name}`;
  const cure = name === '' ? '' : ': mini.project.json with "compileOptions": { "transpile": {} } has it translated';
  const message = `${whose} is newer than ES5, the platform does not translate it, and the upload may fail${cure}`;
  return new SourceFault(message, { file, line, column });
}

/**
 * Bundles the runtime of a Worker and its script, as one classic script.
 *
 * @param {string} folder the mini-program's folder
 * @param {string} file the script's path in it
 */
export function bundleWorker(folder, file) {
  const contents = `require(${BACKGROUND_RUNTIME}).boot(() => require(${JSON.stringify(`./${file}`)}));`;
  return bundle(folder, contents, (source, text) => checkWorkerSource(path.relative(folder, source), text));
}

/**
 * @param {string} folder
 * @param {string} contents of the entry
 * @param {(file: string, text: string) => { faults: SourceFault[] }} check for all but the simulator's own files
 */
async function bundle(folder, contents, check) {
  const faults = [];
  const files = [];
  const result = await build({
    stdin: { contents, resolveDir: folder, sourcefile: ENTRY },
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
    plugins: [ownSyntaxPlugin(folder), checkPlugin(folder, check, faults, files)],
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
  const known = JSON.stringify(workerFacts());
  return `require(${RUNTIME}).boot({ app: () => require('./app.js'), pages: { ${pages.join(', ')} } }, ${known});`;
}

/**
 * Has each file of the mini-program be CommonJS or an ES module by its own syntax, as on the platform. The bundler would ask the
 * next package.json above it, which may be that of the tools around the mini-program and say `"type": "module"`.
 */
function ownSyntaxPlugin(folder) {
  const RESOLVED = {};
  return {
    name: 'own-syntax',
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, async ({ path: name, importer, namespace, resolveDir, kind, pluginData }) => {
        if (pluginData === RESOLVED) return undefined;
        const { path: file, errors } = await bundler.resolve(name, { importer, namespace, resolveDir, kind, pluginData: RESOLVED });
        const isOwn = errors.length === 0 && file.endsWith('.js') && !isOwnSource(file) && !ownerOf(folder, file).isPackage;
        // A file that a plugin found has no package.json. What was not found is told by the bundler, with its place.
        return isOwn ? { path: file } : undefined;
      });
    },
  };
}

function checkPlugin(folder, check, faults, files) {
  return {
    name: 'check-source',
    setup(bundler) {
      bundler.onLoad({ filter: /\.[cm]?js$/ }, async ({ path: file }) => {
        if (isOwnSource(file)) return undefined;
        files.push(file);
        const contents = await readFile(file, 'utf8');
        faults.push(...check(file, contents).faults);
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

/**
 * Whose file it is: the mini-program's own, or a package's, which may be linked from elsewhere.
 *
 * @param {string} folder the mini-program's
 * @param {string} file absolute path
 * @returns {{ isPackage: boolean, name: string, place: string }} `name` of the package; `place`: the path that the platform's
 *   compiler would see
 */
function ownerOf(folder, file) {
  const relative = path.relative(folder, file).split(path.sep).join('/');
  const [, installed] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(relative) ?? [];
  if (installed) return { isPackage: true, name: installed, place: relative.slice(relative.indexOf('node_modules/')) };
  if (!relative.startsWith('..')) return { isPackage: false, name: '', place: relative };
  const root = packageRoot(path.dirname(file));
  const name = nameOf(root);
  return { isPackage: true, name, place: `node_modules/${name}/${path.relative(root, file).split(path.sep).join('/')}` };
}

function packageRoot(folder) {
  const parent = path.dirname(folder);
  return parent === folder || existsSync(path.join(folder, 'package.json')) ? folder : packageRoot(parent);
}

function nameOf(root) {
  try {
    return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).name ?? path.basename(root);
  } catch {
    return path.basename(root);
  }
}

/**
 * Turns a stack trace of the bundled scripts into places in the mini-program's own files.
 *
 * @param {import('./project.mjs').Project} project
 * @param {string} stack as `Error.stack` gives it
 * @returns {{ file: string, line: number, column: number }[]} innermost first; frames of the simulator itself are left out
 */
export function locateStack({ folder, sourceMap, workers }, stack) {
  return [...stack.matchAll(/(?:worker|workers\/(\d+))\.js[^:\s]*:(\d+):(\d+)/g)]
    .map(([, index, line, column]) => {
      const map = index === undefined ? sourceMap : workers[Number(index)]?.sourceMap;
      return map ? map.findEntry(Number(line) - 1, Number(column) - 1) : {};
    })
    .filter(({ originalSource }) => originalSource && !isOwnSource(path.resolve(folder, originalSource)))
    .map(({ originalSource, originalLine, originalColumn }) => ({
      file: originalSource,
      line: originalLine + 1,
      column: originalColumn + 1,
    }));
}
