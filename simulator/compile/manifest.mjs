import { platform } from '../../platform/index.mjs';
import { asGap, SourceFault } from './fault.mjs';
import { isObject, readJsonFile } from './json-file.mjs';

/**
 * Reads `app.json` and the `.json` files of pages and components. A key that exists on the platform but not in this simulator is a notice,
 * an unknown key a fault. The keys are listed in platform/config.json.
 *
 * @typedef {{ title: string, titleBarColor: string, backgroundColor: string, onReachBottomDistance: number, pullRefresh: boolean,
 *   transparentTitle: 'always' | 'auto' | 'none', titlePenetrate: boolean, titleImage: string, titleLoading: boolean, frontColor: string }} WindowStyle
 *   `responsive` has no effect: this phone is 375 px wide, where 2 rpx are 1 px with or without it
 * @typedef {Record<string, string>} Using custom components: tag -> path
 * @typedef {{ route: string, window: WindowStyle, components: Using, isolatesStyle: boolean }} PageEntry `isolatesStyle`: whether its styles
 *   apply only to its own AXML
 * @typedef {{ path: string, components: Using, hasHost: boolean, isolatesStyle: boolean }} ComponentEntry `hasHost`: whether its json gives it a node of its own
 * @typedef {{ text: string, route: string, icon: string, activeIcon: string }} Tab
 * @typedef {{ color: string, selectedColor: string, backgroundColor: string }} TabStyle
 * @typedef {{
 *   pages: PageEntry[], components: ComponentEntry[], entry: string, tabs: Tab[], tabStyle: TabStyle, workers: string[], decodesQuery: boolean,
 *   window: WindowStyle, plugins: Record<string, { version: string, provider: string }>, usePrivacyCheck: boolean,
 *   permission: Record<string, { desc?: string }>,
 * }} Manifest `entry`: the mini-program's first page
 */

const {
  app: APP,
  window: WINDOW,
  page: PAGE,
  component: COMPONENT,
  sub_package: SUB_PACKAGE,
  tab_bar: TAB_BAR,
  tab: TAB,
  behavior: BEHAVIOR,
  permission: PERMISSION,
  plugin: PLUGIN,
} = platform.config;

/**
 * Reads the manifest of a mini-program.
 *
 * @param {string} folder
 * @param {import('./files.mjs').Files} addresses finds the files of components
 * @returns {Promise<{ manifest: Manifest, faults: SourceFault[], notices: SourceFault[], files: string[] }>}
 */
export async function readManifest(folder, addresses) {
  const reader = new ManifestReader(folder, addresses);
  const manifest = await reader.read();
  return { manifest, faults: reader.faults, notices: reader.notices, files: reader.files };
}

class ManifestReader {
  constructor(folder, addresses) {
    this.folder = folder;
    this.addresses = addresses;
    /** By path, in order of first use. */
    this.components = new Map();
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
    const { window = {}, behavior = {}, permission = {}, plugins = {}, usePrivacyCheck = false } = app.value;
    this.#checkKeys(app, app.value, [APP]);
    this.#checkKeys(app, window, [WINDOW], 'window.');
    this.#checkKeys(app, behavior, [BEHAVIOR], 'behavior.');
    this.#checkPermission(app, permission);
    for (const plugin of Object.values(isObject(plugins) ? plugins : {})) this.#checkKeys(app, plugin, [PLUGIN], 'plugins.');
    const routes = this.#routes(app);
    const everywhere = await this.#using(app, 'app.json');
    const pages = [];
    for (const route of routes) {
      const page = await this.#file(`${route}.json`);
      this.#checkKeys(page, page.value, [WINDOW, PAGE]);
      const components = { ...everywhere, ...(await this.#using(page, `${route}.json`)) };
      pages.push({ route, window: windowStyle({ ...window, ...page.value }), components, isolatesStyle: this.#isolatesStyle(page, PAGE) });
    }
    return {
      pages,
      components: [...this.components.values()].map((entry) => ({ ...entry, components: { ...everywhere, ...entry.components } })),
      entry: this.#entry(app, routes),
      ...this.#tabBar(app, routes),
      workers: this.#workers(app),
      decodesQuery: this.#decodesQuery(app, behavior),
      usePrivacyCheck: usePrivacyCheck === true,
      permission: isObject(permission) ? permission : {},
      plugins: isObject(plugins) ? plugins : {},
      window: windowStyle(window),
    };
  }

  #file(file) {
    const absolute = this.addresses.absolute(file);
    this.files.push(absolute);
    return readJsonFile(this.folder, file, this.faults, absolute);
  }

  /** Returns the components that a file may use, and registers them with the ones they use. @returns {Promise<Using>} */
  async #using({ source, value: { usingComponents = {} } }, file) {
    const using = {};
    for (const [tag, address] of Object.entries(isObject(usingComponents) ? usingComponents : {})) {
      if (/^(dynamic-)?plugin:\/\//.test(address)) {
        using[tag] = address;
        this.faults.push(asGap(source.faultAtKey(tag, `<${tag}> is of a plugin: a box with its name stands for it`)));
        continue;
      }
      const found = typeof address === 'string' && this.addresses.find(address.replace(/\.(js|axml)$/, ''), file, '.js');
      if (found) using[tag] = await this.#component(found.replace(/\.js$/, ''));
      else this.faults.push(asGap(source.faultAtKey(tag, `there is no component ${JSON.stringify(address)}`)));
    }
    return using;
  }

  async #component(name) {
    if (this.components.has(name)) return name;
    const entry = { path: name, components: {}, hasHost: false, isolatesStyle: false };
    this.components.set(name, entry);
    const config = await this.#file(`${name}.json`);
    this.#checkKeys(config, config.value, [COMPONENT]);
    if (config.value.component !== true) {
      this.faults.push(asGap(new SourceFault('a component needs "component": true', { file: `${name}.json` })));
    }
    entry.hasHost = config.value.virtualHost === false;
    entry.isolatesStyle = this.#isolatesStyle(config, COMPONENT);
    entry.components = await this.#using(config, `${name}.json`);
    return name;
  }

  #isolatesStyle({ source, value: { styleIsolation } }, { values }) {
    const known = values.styleIsolation;
    if (styleIsolation !== undefined && !known.includes(styleIsolation)) {
      this.faults.push(
        asGap(
          source.faultAtKey(
            'styleIsolation',
            `"styleIsolation" takes ${known.map((value) => `"${value}"`).join(' or ')}; anything else counts as "${known[0]}" here`,
          ),
        ),
      );
    }
    return styleIsolation === 'apply-shared';
  }

  #checkKeys({ source }, object, sections, owner = '') {
    if (!isObject(object)) return;
    const simulated = sections.flatMap((section) => section.simulated);
    const beyond = sections.flatMap((section) => section.beyond);
    for (const key of Object.keys(object)) {
      if (beyond.includes(key)) this.notices.push(source.faultAtKey(key, `the simulator does not act on "${owner}${key}"`));
      else if (!simulated.includes(key)) {
        this.faults.push(asGap(source.faultAtKey(key, `"${owner}${key}" is not a key that the platform documents`)));
      }
    }
  }

  #checkPermission({ source }, permission) {
    this.#checkKeys({ source }, permission, [PERMISSION], 'permission.');
    for (const [scope, value] of Object.entries(isObject(permission) ? permission : {})) {
      if (typeof value?.desc !== 'string')
        this.faults.push(asGap(source.faultAtKey(scope, `"permission.${scope}" needs a "desc", which the user is shown`)));
    }
  }

  /** Returns the main package's pages, then those of subpackages. */
  #routes({ source, value, unread }) {
    const routes = Array.isArray(value.pages) ? [...value.pages] : [];
    for (const part of Array.isArray(value.subPackages) ? value.subPackages.filter(isObject) : []) {
      this.#checkKeys({ source }, part, [SUB_PACKAGE], 'subPackages.');
      const root = String(part.root ?? '').replace(/^\/+|\/+$/g, '');
      for (const page of Array.isArray(part.pages) ? part.pages : []) routes.push(`${root}/${page}`);
    }
    if (routes.length === 0 && !unread) this.faults.push(source.faultAtKey('pages', '"pages" must list at least one page'));
    return [...new Set(routes)].filter((route) => {
      const valid = typeof route === 'string' && /^[\w-]+(\/[\w-]+)*$/.test(route);
      if (!valid) {
        this.faults.push(source.faultAtKey(route, `${JSON.stringify(route)} is not the path of a page, such as "pages/home/index"`));
      }
      return valid;
    });
  }

  #entry({ source, value: { entryPagePath } }, routes) {
    if (entryPagePath === undefined) return routes[0];
    if (!routes.includes(entryPagePath)) {
      this.faults.push(source.faultAtKey('entryPagePath', `"entryPagePath" ${JSON.stringify(entryPagePath)} is not in "pages"`));
    }
    return entryPagePath;
  }

  #decodesQuery({ source }, { decodeQuery }) {
    if (decodeQuery !== undefined && !BEHAVIOR.values.decodeQuery.includes(decodeQuery)) {
      this.faults.push(source.faultAtKey('decodeQuery', '"behavior.decodeQuery" takes only "disable"'));
    }
    return decodeQuery === undefined;
  }

  /** Returns the scripts that `my.createWorker` may start. */
  #workers({ source, value: { workers = [] } }) {
    if (Array.isArray(workers) && workers.every((file) => typeof file === 'string' && /^([\w-]+\/)+[\w-]+\.js$/.test(file))) {
      return workers;
    }
    this.faults.push(source.faultAtKey('workers', '"workers" is a list of scripts in a folder, such as "workers/index.js"'));
    return [];
  }

  #tabBar(app, routes) {
    const bar = isObject(app.value.tabBar) ? app.value.tabBar : {};
    this.#checkKeys(app, bar, [TAB_BAR], 'tabBar.');
    const items = Array.isArray(bar.items) ? bar.items.filter(isObject) : [];
    for (const item of items) {
      this.#checkKeys(app, item, [TAB], 'tabBar.items.');
      if (!routes.includes(item.pagePath)) {
        this.faults.push(
          app.source.faultAtKey(item.pagePath ?? 'items', `the tab's pagePath ${JSON.stringify(item.pagePath)} is not in "pages"`),
        );
      }
    }
    return {
      tabs: items.map(({ name, pagePath, icon, activeIcon }) => ({
        text: String(name ?? ''),
        route: pagePath,
        icon: this.#icon(app, icon),
        activeIcon: this.#icon(app, activeIcon) || this.#icon(app, icon),
      })),
      tabStyle: {
        color: String(bar.textColor ?? '#86909c'),
        selectedColor: String(bar.selectedColor ?? '#1677ff'),
        backgroundColor: String(bar.backgroundColor ?? '#ffffff'),
      },
    };
  }

  /** Resolves an icon. @returns {string} its path; empty if it is missing */
  #icon({ source }, icon) {
    if (icon === undefined || icon === '') return '';
    const file = String(icon).replace(/^\.?\//, '');
    if (this.addresses.has(file)) return file;
    this.faults.push(asGap(source.faultAtKey(icon, `there is no picture ${JSON.stringify(icon)}`)));
    return '';
  }
}

const FRONT_COLORS = { black: '#000000', white: '#ffffff' };

function windowStyle(style) {
  return {
    title: String(style.defaultTitle ?? ''),
    titleBarColor: String(style.titleBarColor ?? '#ffffff'),
    backgroundColor: String(style.backgroundColor ?? '#f5f5f5'),
    pullRefresh: style.pullRefresh === true && style.allowsBounceVertical !== 'NO',
    transparentTitle: ['always', 'auto'].includes(style.transparentTitle) ? style.transparentTitle : 'none',
    titlePenetrate: style.titlePenetrate === 'YES',
    titleImage: String(style.titleImage ?? ''),
    titleLoading: style.showTitleLoading === 'YES',
    frontColor: FRONT_COLORS[style.navigationBarFrontColor] ?? '',
    onReachBottomDistance: Number(style.onReachBottomDistance ?? 0) || 0,
  };
}
