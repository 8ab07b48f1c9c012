import { platform } from '../../platform/index.mjs';
import { isObject, readJsonFile } from './json-file.mjs';

const FILE = 'mini.project.json';

/** The newest syntax that the platform's compiler accepts: by observation, and with `transpile` by its documents. */
const USUAL = 2018;
const TRANSPILED = 2023;

/** The edition that untranslated code must have, to run on every phone and to be uploaded. */
const EVERYWHERE = 5;

/**
 * Reads mini.project.json's settings of translation and packaging. Packages are not translated unless it says so.
 *
 * @typedef {{ newest: number, safe: number }} Syntax editions of ECMAScript: newer than `newest` is a fault, newer than `safe` a notice
 *
 * @param {string} folder the mini-program's folder
 * @returns {Promise<{ syntaxOf: (file: string, isPackage: boolean) => Syntax, component2: boolean, assets: string[],
 *   faults: import('./fault.mjs').SourceFault[], notices: import('./fault.mjs').SourceFault[] }>} `assets`: globs of files that page code may read
 */
export async function readProjectConfig(folder) {
  const faults = [];
  const { source, value } = await readJsonFile(folder, FILE, faults);
  const options = isObject(value.compileOptions) ? value.compileOptions : {};
  const { project, compile_options: compileOptions } = platform.config;
  const notices = [
    ...Object.keys(value)
      .filter((key) => ![...project.simulated, ...project.beyond].includes(key))
      .map((key) => source.faultAtKey(key, `"${key}" is not a key that the platform documents`)),
    ...Object.keys(options)
      .filter((key) => !compileOptions.simulated.includes(key))
      .map((key) => source.faultAtKey(key, `the simulator does not act on compileOptions.${key}`)),
  ];
  const component2 = (options.component2 ?? value.component2) === true;
  const assets = [value.include, value.assetsInclude].flat().filter((glob) => typeof glob === 'string');
  return { syntaxOf: (file, isPackage) => syntax(translates(value, options, file, isPackage)), component2, assets, faults, notices };
}

function translates(value, options, file, isPackage) {
  if (isObject(options.transpile)) return matchesGlobs(ignored(options), file) ? 'no' : 'all';
  if (!isPackage || value.enableNodeModuleBabelTransform === true) return 'usual';
  const listed = Array.isArray(value.node_modules_es6_whitelist) ? value.node_modules_es6_whitelist : [];
  return listed.some((name) => file.includes(`node_modules/${name}/`)) ? 'usual' : 'no';
}

function ignored({ transpile }) {
  const ignore = transpile.script?.ignore;
  return Array.isArray(ignore) ? ignore.filter((glob) => typeof glob === 'string') : [];
}

function syntax(translated) {
  if (translated === 'all') return { newest: TRANSPILED, safe: TRANSPILED };
  return { newest: USUAL, safe: translated === 'usual' ? USUAL : EVERYWHERE };
}

/**
 * Matches mini.project.json's globs: `**`, `*`, `?`, `{a,b}`; an entry that begins with `!` excludes earlier matches.
 *
 * @param {string[]} globs
 * @param {string} file a path with slashes
 * @returns {boolean}
 */
export function matchesGlobs(globs, file) {
  return globs.reduce((matched, glob) => {
    const negated = glob.startsWith('!');
    return toPattern(negated ? glob.slice(1) : glob).test(file) ? !negated : matched;
  }, false);
}

const PARTS = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{}]+|[{}]/g;

function toPattern(glob) {
  const source = glob.replace(/^\.?\//, '').replace(PARTS, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1 && part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`;
    return escaped(part);
  });
  return new RegExp(`^${source}$`, 's');
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
