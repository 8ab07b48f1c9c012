import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { asGap, divide, SourceFault } from './fault.mjs';
import { checkSource, checkWorkerSource } from './source-check.mjs';
import { nameOfSource, SourceMaps, withSourceMap } from './source-maps.mjs';
import { workerFacts } from './vocabulary.mjs';

const runtime = (file) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** The runtimes of page logic, and of the Worker that page logic may create. */
const RUNTIME = runtime('../worker/boot.mjs');
const BACKGROUND_RUNTIME = runtime('../background/boot.mjs');

/** Name of the generated entry in messages and source maps. */
const ENTRY = 'simulator-entry.js';

/** The namespace of stand-ins for missing modules. */
const MISSING = 'missing';

/** The simulator's own files in the bundle: they are not checked as page code. */
const OWN_FOLDERS = ['../worker/', '../background/', '../platform/', '../../platform/', './'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/**
 * Bundles the Worker runtime and the mini-program's logic (`app.js`, all pages and what they require) into one classic script: the Worker
 * cannot import anything once its network is closed.
 *
 * @param {string} folder the mini-program's folder
 * @param {{ routes: string[], components: [string, string][] }} code the pages, and the components with their files
 * @param {{ component2: boolean, syntaxOf: Awaited<ReturnType<import('./project-config.mjs').readProjectConfig>>['syntaxOf'], strict?:
 *   boolean }} config `strict`: whether gaps are faults
 * @returns {Promise<{ code: string, map: object | null, faults: SourceFault[], notices: SourceFault[], files: string[] }>}
 */
export async function bundleLogic(folder, code, { syntaxOf, component2, strict }) {
  const untranslated = new Map();
  const result = await bundle(folder, { contents: entry(code, workerFacts({ strict, component2 })), strict }, (file, text) => {
    const { isPackage, name, place } = ownerOf(folder, file);
    const checked = checkSource(path.relative(folder, file), text, { own: !isPackage, syntax: syntaxOf(place, isPackage) });
    const found = checked.untranslated;
    // Files are read concurrently: always name the first by path, not the first to be read.
    if (found && !(untranslated.get(name)?.file < found.file)) untranslated.set(name, found);
    return checked;
  });
  return { ...result, notices: [...result.notices, ...[...untranslated].map(([name, fault]) => untranslatedNotice(name, fault))] };
}

/** Builds one notice per package, at its first file that is newer than ES5. */
function untranslatedNotice(name, { file, line, column }) {
  const whose = name === '' ? 'the mini-program' : `the package ${name}`;
  const cure = name === '' ? '' : ': mini.project.json with "compileOptions": { "transpile": {} } makes the platform translate it';
  const message = `${whose} is newer than ES5, the platform does not translate it, and the upload may fail${cure}`;
  return new SourceFault(message, { file, line, column });
}

/**
 * Bundles a Worker's runtime and script into one classic script.
 *
 * @param {string} folder the mini-program's folder
 * @param {string} file the script's path in the folder
 * @param {{ strict?: boolean }} options
 */
export function bundleWorker(folder, file, { strict }) {
  const contents = `require(${BACKGROUND_RUNTIME}).boot(() => require(${JSON.stringify(`./${file}`)}));`;
  return bundle(folder, { contents, strict }, (source, text) => checkWorkerSource(path.relative(folder, source), text));
}

/**
 * @param {string} folder
 * @param {{ contents: string, strict?: boolean }} entry the entry's text, and whether gaps are faults
 * @param {(file: string, text: string) => { faults: SourceFault[], isModule?: boolean, twice?: { name: string, start: number }[] }} check
 *   checks every file except the simulator's own
 */
async function bundle(folder, { contents, strict }, check) {
  const found = [];
  const files = [];
  const sourceMaps = new SourceMaps();
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
    plugins: [modulesPlugin(folder, (gap) => found.push(gap), strict), checkPlugin(folder, check, { found, files, sourceMaps })],
  }).catch((error) => {
    if (!error.errors) throw error;
    found.push(...error.errors.map((message) => toFault(message)));
    return null;
  });
  // The platform's compiler does not report what the bundler warns about.
  if (result) found.push(...result.warnings.map((message) => asGap(toFault(message))));
  const { faults, notices } = divide(found, strict);
  notices.push(...sourceMaps.notices);
  if (!result || faults.length > 0) return { code: '', map: null, faults, notices, files };
  const output = (extension) => result.outputFiles.find(({ path: name }) => name.endsWith(extension)).text;
  return {
    code: output('.js'),
    map: JSON.parse(output('.map')),
    faults,
    notices,
    files,
  };
}

/** Whether a source of the bundle belongs to the simulator, not the mini-program. @param {string} file absolute path */
export function isOwnSource(file) {
  return path.basename(file) === ENTRY || file.includes(`${path.sep}${MISSING}:`) || OWN_FOLDERS.some((own) => file.startsWith(own));
}

/** Generates the entry. Everything is required lazily: the runtime first removes what page code must not see. */
function entry({ routes, components }, known) {
  const lazily = (name, file) => `${JSON.stringify(name)}: () => require(${JSON.stringify(file)})`;
  const parts = {
    components: components.map(([name, file]) => lazily(name, file)),
    pages: routes.map((route) => lazily(route, `./${route}.js`)),
  };
  const code = Object.entries(parts).map(([kind, entries]) => `${kind}: { ${entries.join(', ')} }`);
  return `require(${RUNTIME}).boot({ app: () => require('./app.js'), ${code.join(', ')} }, ${JSON.stringify(known)});`;
}

/**
 * Resolves modules as the platform does. An address that begins with `/` is relative to the mini-program's folder. Each file of the
 * mini-program is CommonJS or an ES module by its own syntax: the bundler would consult the nearest package.json, which may belong to the
 * surrounding tools and say `"type": "module"`. Unless the build is strict, a missing module throws only when it is used, so code that
 * never uses it runs.
 */
function modulesPlugin(folder, tell, strict) {
  const RESOLVED = {};
  return {
    name: 'modules',
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, async ({ path: name, importer, namespace, resolveDir, kind, pluginData }) => {
        if (pluginData === RESOLVED || kind === 'entry-point') return undefined;
        const isOfApp = name.startsWith('/') && !isOwnSource(importer) && !isOwnSource(name);
        const wanted = isOfApp ? `.${name}` : name;
        const from = isOfApp ? folder : resolveDir;
        const { path: file, errors } = await bundler.resolve(wanted, { importer, namespace, resolveDir: from, kind, pluginData: RESOLVED });
        if (errors.length > 0 && !strict && importer !== ENTRY) {
          tell(asGap(toFault({ text: `there is no module "${name}"`, location: null, file: path.relative(folder, importer) })));
          return { path: name, namespace: MISSING };
        }
        if (errors.length > 0) return undefined;
        const isOwn = file.endsWith('.js') && !isOwnSource(file) && !ownerOf(folder, file).isPackage;
        // Returning only the path keeps package.json out of it. The bundler itself reports a module that was not found, with its place.
        return isOwn || isOfApp ? { path: file } : undefined;
      });
      bundler.onLoad({ filter: /./, namespace: MISSING }, ({ path: name }) => ({ contents: standIn(`there is no module "${name}"`) }));
    },
  };
}

/**
 * Generates the stand-in for a missing module: calling it throws. Its properties are stand-ins too; it is neither an ES module nor a
 * promise.
 */
function standIn(message) {
  return `const fail = () => { throw new Error(${JSON.stringify(message)}); };
module.exports = new Proxy(function () {}, {
  get: (target, name) => (typeof name === 'symbol' || name === '__esModule' || name === 'then' ? undefined : module.exports),
  apply: fail,
  construct: fail,
});`;
}

function checkPlugin(folder, check, { found, files, sourceMaps }) {
  return {
    name: 'check-source',
    setup(bundler) {
      bundler.onLoad({ filter: /\.[cm]?js$/ }, async ({ path: file }) => {
        if (isOwnSource(file)) return undefined;
        files.push(file);
        const written = await readFile(file, 'utf8');
        const { faults, isModule, twice } = check(file, written);
        found.push(...faults);
        const { text: contents, map } = await withSourceMap(file, written);
        sourceMaps.note(path.relative(folder, file), written, map);
        if (map) files.push(map);
        return { contents: isModule ? await asCommonJs(file, apart(contents, twice)) : contents, loader: 'js' };
      });
    },
  };
}

/**
 * Makes a function that shares its name with a variable the variable's initial value, as in a script (assumed, from published code): the
 * bundler rejects such a module. Line numbers stay the same.
 */
function apart(text, twice) {
  const renamed = twice.reduceRight(
    (before, { start, name }) => `${before.slice(0, start)}${name}$declared${before.slice(start + name.length)}`,
    text,
  );
  return twice.map(({ name }) => `var ${name} = ${name}$declared; `).join('') + renamed;
}

/**
 * Converts an ES module to CommonJS, as the platform does (assumed, from published code): a name that a module does not export is
 * `undefined`, and `module.exports` may appear next to `import`. The bundler alone rejects the former and empties the latter. If a module's
 * only export is a default object, its members can be imported by name.
 */
async function asCommonJs(file, text) {
  const options = { format: 'cjs', loader: 'js', sourcemap: 'inline', sourcefile: path.basename(file), logLevel: 'silent' };
  // The bundler reports what cannot be converted, with its place.
  const { code } = await transform(text, options).catch(() => ({ code: text }));
  return code.replace(/(?=\/\/# sourceMappingURL=[^\n]*\s*$)/, MEMBERS_BY_NAME);
}

/** `module.exports` may have been replaced; then it is left alone. */
const MEMBERS_BY_NAME = `;(({ exports }) => {
  if (!exports || !exports.__esModule || Object.keys(exports).join() !== 'default') return;
  const whole = exports.default;
  if (typeof whole !== 'object' || whole === null) return;
  Object.keys(whole).forEach((name) => { if (!(name in exports)) Object.defineProperty(exports, name, { enumerable: true, get: () => whole[name] }); });
})(module);
`;

/** Converts a bundler message. A file that the entry cannot find is one that app.json lists. */
function toFault({ text, location, file = 'app.json' }) {
  if (!location || location.file === ENTRY) return new SourceFault(text, { file });
  return new SourceFault(text, { file: location.file, line: location.line, column: location.column + 1 });
}

/**
 * Returns a file's owner: the mini-program, or a package, which may be linked from elsewhere.
 *
 * @param {string} folder the mini-program's folder
 * @param {string} file absolute path
 * @returns {{ isPackage: boolean, name: string, place: string }} `name` of the package; `place`: the path as the platform's compiler would
 *   see it
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
 * Maps a stack trace of the bundled scripts to the mini-program's files, or to the sources that these were built from.
 *
 * @param {import('./project.mjs').Project} project
 * @param {string} stack from `Error.stack`
 * @returns {{ file: string, line: number, column: number }[]} innermost first, without the simulator's own frames
 */
export function locateStack({ folder, files, sourceMap, workers }, stack) {
  return [...stack.matchAll(/(?:worker|workers\/(\d+))\.js[^:\s]*:(\d+):(\d+)/g)]
    .map(([, index, line, column]) => {
      const map = index === undefined ? sourceMap : workers[Number(index)]?.sourceMap;
      return map ? map.findEntry(Number(line) - 1, Number(column) - 1) : {};
    })
    .filter(({ originalSource }) => originalSource && !isOwnSource(path.resolve(folder, originalSource)))
    .map(({ originalSource, originalLine, originalColumn }) => ({
      file: files.includes(path.resolve(folder, originalSource)) ? originalSource : nameOfSource(originalSource),
      line: originalLine + 1,
      column: originalColumn + 1,
    }))
    .filter(({ file }) => file);
}
