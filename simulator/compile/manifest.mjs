import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { platform } from '../../platform/index.mjs';
import { asGap, Source, SourceFault } from './fault.mjs';

/**
 * `app.json` and the pages' `.json`. A key that the platform has and this simulator does not act on is a notice; one that
 * nobody knows is a fault. Which is which stands in platform/config.json.
 *
 * @typedef {{ title: string, titleBarColor: string, backgroundColor: string, onReachBottomDistance: number, pullRefresh: boolean }} WindowStyle
 * @typedef {{ route: string, window: WindowStyle }} PageEntry
 * @typedef {{ text: string, route: string }} Tab
 * @typedef {{ color: string, selectedColor: string, backgroundColor: string }} TabStyle
 * @typedef {{
 *   pages: PageEntry[], entry: string, tabs: Tab[], tabStyle: TabStyle, workers: string[], decodesQuery: boolean,
 *   usePrivacyCheck: boolean,
 * }} Manifest `entry`: the page with which the mini-program starts
 */

const { app: APP, window: WINDOW, page: PAGE, tab_bar: TAB_BAR, tab: TAB, behavior: BEHAVIOR } = platform.config;

/**
 * @param {string} folder
 * @returns {Promise<{ manifest: Manifest, faults: SourceFault[], notices: SourceFault[], files: string[] }>}
 */
export async function readManifest(folder) {
  const reader = new ManifestReader(folder);
  const manifest = await reader.read();
  return { manifest, faults: reader.faults, notices: reader.notices, files: reader.files };
}

class ManifestReader {
  constructor(folder) {
    this.folder = folder;
    this.faults = [];
    this.notices = [];
    this.files = [];
  }

  async read() {
    const app = await this.#file('app.json');
    if (app.missing) {
      const message = 'there is no app.json: is this the folder of a mini-program?';
      this.faults.push(new SourceFault(message, { file: 'app.json' }));
    }
    const { window = {}, behavior = {}, usePrivacyCheck = false } = app.value;
    this.#checkKeys(app, app.value, [APP]);
    this.#checkKeys(app, window, [WINDOW], 'window.');
    this.#checkKeys(app, behavior, [BEHAVIOR], 'behavior.');
    const routes = this.#routes(app);
    const pages = [];
    for (const route of routes) {
      const page = await this.#file(`${route}.json`);
      this.#checkKeys(page, page.value, [WINDOW, PAGE]);
      pages.push({ route, window: windowStyle({ ...window, ...page.value }) });
    }
    return {
      pages,
      entry: this.#entry(app, routes),
      ...this.#tabBar(app, routes),
      workers: this.#workers(app),
      decodesQuery: this.#decodesQuery(app, behavior),
      usePrivacyCheck: usePrivacyCheck === true,
    };
  }

  #file(file) {
    this.files.push(path.join(this.folder, file));
    return readJsonFile(this.folder, file, this.faults);
  }

  #checkKeys({ source }, object, sections, owner = '') {
    if (!isObject(object)) return;
    const simulated = sections.flatMap((section) => section.simulated);
    const beyond = sections.flatMap((section) => section.beyond);
    for (const key of Object.keys(object)) {
      if (beyond.includes(key)) this.notices.push(source.faultAtKey(key, `the simulator does not act on "${owner}${key}"`));
      else if (!simulated.includes(key)) {
        const known = [...simulated, ...beyond].join(', ');
        this.faults.push(asGap(source.faultAtKey(key, `"${owner}${key}" is not a key that the platform documents (${known})`)));
      }
    }
  }

  #routes({ source, value }) {
    const routes = Array.isArray(value.pages) ? value.pages : [];
    if (routes.length === 0) this.faults.push(source.faultAtKey('pages', '"pages" must list at least one page'));
    return routes.filter((route) => {
      const valid = typeof route === 'string' && /^[\w-]+(\/[\w-]+)*$/.test(route);
      if (!valid)
        {this.faults.push(
          source.faultAtKey(route, `${JSON.stringify(route)} is not the path of a page, such as "pages/home/index"`),
        );}
      return valid;
    });
  }

  #entry({ source, value: { entryPagePath } }, routes) {
    if (entryPagePath === undefined) return routes[0];
    if (!routes.includes(entryPagePath))
      {this.faults.push(source.faultAtKey('entryPagePath', `"entryPagePath" ${JSON.stringify(entryPagePath)} is not in "pages"`));}
    return entryPagePath;
  }

  #decodesQuery({ source }, { decodeQuery }) {
    if (decodeQuery !== undefined && !BEHAVIOR.values.decodeQuery.includes(decodeQuery))
      {this.faults.push(source.faultAtKey('decodeQuery', '"behavior.decodeQuery" takes only "disable"'));}
    return decodeQuery === undefined;
  }

  /** The scripts that `my.createWorker` may start. */
  #workers({ source, value: { workers = [] } }) {
    if (Array.isArray(workers) && workers.every((file) => typeof file === 'string' && /^([\w-]+\/)+[\w-]+\.js$/.test(file)))
      {return workers;}
    this.faults.push(source.faultAtKey('workers', '"workers" is a list of scripts in a folder, such as "workers/index.js"'));
    return [];
  }

  #tabBar(app, routes) {
    const bar = isObject(app.value.tabBar) ? app.value.tabBar : {};
    this.#checkKeys(app, bar, [TAB_BAR], 'tabBar.');
    const items = Array.isArray(bar.items) ? bar.items.filter(isObject) : [];
    for (const item of items) {
      this.#checkKeys(app, item, [TAB], 'tabBar.items.');
      if (!routes.includes(item.pagePath))
        {this.faults.push(
          app.source.faultAtKey(
            item.pagePath ?? 'items',
            `the tab's pagePath ${JSON.stringify(item.pagePath)} is not in "pages"`,
          ),
        );}
    }
    return {
      tabs: items.map(({ name, pagePath }) => ({ text: String(name ?? ''), route: pagePath })),
      tabStyle: {
        color: String(bar.textColor ?? '#86909c'),
        selectedColor: String(bar.selectedColor ?? '#1677ff'),
        backgroundColor: String(bar.backgroundColor ?? '#ffffff'),
      },
    };
  }
}

function windowStyle(style) {
  return {
    title: String(style.defaultTitle ?? ''),
    titleBarColor: String(style.titleBarColor ?? '#ffffff'),
    backgroundColor: String(style.backgroundColor ?? '#f5f5f5'),
    pullRefresh: style.pullRefresh === true && style.allowsBounceVertical !== 'NO',
    onReachBottomDistance: Number(style.onReachBottomDistance ?? 0) || 0,
  };
}

const FILE = 'mini.project.json';

/** The newest syntax that the platform's compiler takes: what it was seen to take, and with `transpile` what it promises. */
const USUAL = 2018;
const TRANSPILED = 2023;

/** What code that nothing translates has to be, to run everywhere and to be uploaded. */
const EVERYWHERE = 5;

/**
 * What mini.project.json says about translating code. Packages are left as they are unless it asks for more.
 *
 * @typedef {{ newest: number, safe: number }} Syntax editions of ECMAScript: newer than `newest` is a fault, newer than `safe`
 *   deserves a notice
 *
 * @param {string} folder the mini-program's
 * @returns {Promise<{ syntaxOf: (file: string, isPackage: boolean) => Syntax, faults: import('./fault.mjs').SourceFault[],
 *   notices: import('./fault.mjs').SourceFault[] }>}
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
  return { syntaxOf: (file, isPackage) => syntax(translates(value, options, file, isPackage)), faults, notices };
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
 * The globs of mini.project.json: `**`, `*`, `?`, `{a,b}`; an entry that begins with `!` takes back what an earlier one matched.
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

/**
 * A JSON file of the mini-program that holds an object; with a fault, or without the file, an empty one.
 *
 * @param {string} folder
 * @param {string} file path in it
 * @param {SourceFault[]} faults what is wrong is added here
 * @returns {Promise<{ source: Source, value: any, missing?: true }>}
 */
export async function readJsonFile(folder, file, faults) {
  let text;
  try {
    text = await readFile(path.join(folder, file), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { source: new Source(file, ''), value: {}, missing: true };
  }
  const source = new Source(file, text);
  try {
    const value = JSON.parse(text);
    if (isObject(value)) return { source, value };
    faults.push(source.fault(0, 'must hold a JSON object'));
  } catch {
    faults.push(await jsonFault(source));
  }
  return { source, value: {} };
}

/** JSON.parse does not always say where; esbuild does. */
async function jsonFault({ file, text }) {
  const { errors } = await transform(text, { loader: 'json', logLevel: 'silent' }).catch((error) => error);
  if (!errors?.[0]?.location) return new SourceFault('not valid JSON', { file });
  const [
    {
      text: reason,
      location: { line, column },
    },
  ] = errors;
  return new SourceFault(`not valid JSON: ${reason}`, { file, line, column: column + 1 });
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
