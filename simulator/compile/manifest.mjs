import path from 'node:path';
import { platform } from '../../platform/index.mjs';
import { SourceFault } from './fault.mjs';
import { isObject, readJsonFile } from './json-file.mjs';

/**
 * `app.json` and the pages' `.json`. A key that the platform has and this simulator does not act on is a notice; one that
 * nobody knows is a fault. Which is which stands in platform/config.json.
 *
 * @typedef {{ title: string, titleBarColor: string, backgroundColor: string, onReachBottomDistance: number }} WindowStyle
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
        this.faults.push(source.faultAtKey(key, `"${owner}${key}" is not a key that the platform documents (${known})`));
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
    onReachBottomDistance: Number(style.onReachBottomDistance ?? 0) || 0,
  };
}
