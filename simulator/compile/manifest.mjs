import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { Source, SourceFault } from './fault.mjs';

/**
 * `app.json` and the pages' `.json`: the keys that this simulator acts on. A key that it does not know is a fault.
 *
 * @typedef {{ title: string, titleBarColor: string, backgroundColor: string }} WindowStyle
 * @typedef {{ route: string, window: WindowStyle }} PageEntry
 * @typedef {{ text: string, route: string }} Tab
 * @typedef {{ color: string, selectedColor: string, backgroundColor: string }} TabStyle
 * @typedef {{ pages: PageEntry[], tabs: Tab[], tabStyle: TabStyle, workers: string[] }} Manifest
 */

const APP_KEYS = ['pages', 'window', 'tabBar', 'workers'];
const WINDOW_KEYS = ['defaultTitle', 'titleBarColor', 'backgroundColor'];
const TAB_BAR_KEYS = ['items', 'textColor', 'selectedColor', 'backgroundColor'];
const TAB_KEYS = ['name', 'pagePath'];

/** @param {string} folder @returns {Promise<{ manifest: Manifest, faults: SourceFault[], files: string[] }>} */
export async function readManifest(folder) {
  const faults = [];
  const files = [];
  const read = async (file, optional) => {
    files.push(path.join(folder, file));
    return readJson(folder, file, optional, faults);
  };
  const app = await read('app.json', false);
  checkKeys(app, app.value, APP_KEYS, faults);
  checkKeys(app, app.value.window ?? {}, WINDOW_KEYS, faults);
  const routes = readRoutes(app, faults);
  const pages = [];
  for (const route of routes) {
    const page = await read(`${route}.json`, true);
    checkKeys(page, page.value, WINDOW_KEYS, faults);
    pages.push({ route, window: windowStyle({ ...app.value.window, ...page.value }) });
  }
  const { tabs, tabStyle } = readTabBar(app, routes, faults);
  return { manifest: { pages, tabs, tabStyle, workers: readWorkers(app, faults) }, faults, files };
}

async function readJson(folder, file, optional, faults) {
  let text;
  try {
    text = await readFile(path.join(folder, file), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    if (!optional) faults.push(new SourceFault(`there is no ${file}: is this the folder of a mini-program?`, { file }));
    return { source: new Source(file, ''), value: {} };
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

function checkKeys({ source }, object, known, faults) {
  if (!isObject(object)) return;
  for (const key of Object.keys(object)) {
    if (!known.includes(key))
      {faults.push(source.faultAtKey(key, `"${key}" is not in this simulator's subset (${known.join(', ')})`));}
  }
}

function readRoutes({ source, value }, faults) {
  const routes = Array.isArray(value.pages) ? value.pages : [];
  if (routes.length === 0) faults.push(source.faultAtKey('pages', '"pages" must list at least one page'));
  return routes.filter((route) => {
    const valid = typeof route === 'string' && /^[\w-]+(\/[\w-]+)*$/.test(route);
    if (!valid)
      {faults.push(
        source.faultAtKey(route, `${JSON.stringify(route)} is not the path of a page, such as "pages/home/index"`),
      );}
    return valid;
  });
}

/** The scripts that `my.createWorker` may start. */
function readWorkers({ source, value: { workers = [] } }, faults) {
  if (Array.isArray(workers) && workers.every((file) => typeof file === 'string' && /^([\w-]+\/)+[\w-]+\.js$/.test(file)))
    {return workers;}
  faults.push(source.faultAtKey('workers', '"workers" is a list of scripts in a folder, such as "workers/index.js"'));
  return [];
}

function readTabBar(app, routes, faults) {
  const bar = isObject(app.value.tabBar) ? app.value.tabBar : {};
  checkKeys(app, bar, TAB_BAR_KEYS, faults);
  const items = Array.isArray(bar.items) ? bar.items.filter(isObject) : [];
  for (const item of items) {
    checkKeys(app, item, TAB_KEYS, faults);
    if (!routes.includes(item.pagePath))
      {faults.push(
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

function windowStyle(style) {
  return {
    title: String(style.defaultTitle ?? ''),
    titleBarColor: String(style.titleBarColor ?? '#ffffff'),
    backgroundColor: String(style.backgroundColor ?? '#f5f5f5'),
  };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
