import { parseQuery, resolveRoute, splitUrl } from './address.mjs';
import { send } from './channel.mjs';
import { openEventChannel } from './event-channel.mjs';
import { jsonCopy } from '../platform/plain.mjs';
import { OpenPage, PageDefinition } from './page.mjs';
import { isPluginPage } from './plugins.mjs';
import { notice } from './report.mjs';

/** The platform's limit for the page stack. */
const DEEPEST = 10;

/** A plugin's page has no code here. */
const PLUGIN_PAGE = new PageDefinition({}, {});

/** Why a navigation failed; passed to the call's `fail`. */
export class NavigationFault extends Error {
  /** @param {string} message @param {number | string} [error] the platform's error number, or its text instead */
  constructor(message, error = 1) {
    super(message);
    this.error = error;
  }
}

/**
 * The page stack and the calls that change it. Tab pages stay loaded outside the stack until everything is closed.
 *
 * @typedef {{ route: string, text: string }} Tab
 */
export class Navigation {
  /**
   * @param {object} parts
   * @param {import('../compile/vocabulary.mjs').NavigationFacts} parts.facts
   * @param {Map<string, import('./page.mjs').PageDefinition>} parts.definitions by route
   * @param {Tab[]} parts.tabs
   * @param {string[]} parts.plugins those that app.json declares
   * @param {boolean} parts.decodesQuery
   * @param {(page: OpenPage, base?: string) => object} parts.router creates `this.router` of pages and their components
   */
  constructor({ facts, definitions, tabs, plugins, decodesQuery, router }) {
    Object.assign(this, { facts, definitions, tabs, plugins, decodesQuery, router });
    /** Creates the methods of a page that are platform calls. @type {(page: OpenPage) => object} */
    this.tools = () => ({});
    this.stack = [];
    this.tabPages = new Map();
    this.nextId = 1;
  }

  get top() {
    return this.stack[this.stack.length - 1];
  }

  page(id) {
    return this.#loaded.find((page) => page.id === id);
  }

  /** @param {object} instance the page as page code sees it */
  pageOf(instance) {
    return this.#loaded.find((page) => page.instance === instance);
  }

  get #loaded() {
    return [...this.stack, ...this.tabPages.values()];
  }

  launch(route, query) {
    this.#open(route, query, { isTab: this.#isTab(route) });
  }

  /**
   * Reopens the pages that were on the stack before a code change, with their data.
   * @param {{ route: string, query: object, kept: import('./page.mjs').KeptData }[]} pages bottom first
   */
  restore(pages) {
    for (const [index, { route, query, kept }] of pages.entries()) {
      this.top?.hide();
      this.#open(route, query, { isTab: index === 0 && this.#isTab(route), kept });
    }
  }

  /**
   * @param {{ url?: unknown, events?: object }} options
   * @param {{ base?: string, stack?: string }} [caller] the route that relative urls start from, and the caller's stack trace
   */
  navigateTo({ url, events }, { base, stack } = {}) {
    const { route, query } = this.#resolve(url, base);
    if (this.stack.length >= DEEPEST) throw new NavigationFault(`the page stack is full: the platform allows ${DEEPEST} pages`);
    this.#warnOfTab('navigateTo', route, stack);
    const { opener, opened } = openEventChannel(events);
    this.top?.hide();
    this.#open(route, query, { channel: opened });
    return { eventChannel: opener };
  }

  redirectTo({ url }, { base, stack } = {}) {
    const { route, query } = this.#resolve(url, base);
    this.#warnOfTab('redirectTo', route, stack);
    this.#close(Math.min(1, this.stack.length));
    this.#open(route, query, {});
    return {};
  }

  reLaunch({ url }, { base } = {}) {
    const { route, query } = this.#resolve(url, base);
    for (const page of this.tabPages.values()) if (!this.stack.includes(page)) page.unload();
    this.#close(this.stack.length);
    this.#open(route, query, { isTab: this.#isTab(route) });
    return {};
  }

  switchTab({ url }, { base, stack } = {}) {
    const { route, text } = this.#resolve(url, base);
    const index = this.tabs.findIndex((tab) => tab.route === route);
    if (index < 0) throw new NavigationFault(worded(this.facts.notTab, url, route));
    if (text !== '') notice('my.switchTab takes no query; it is ignored', stack);
    if (this.top?.route !== route || !this.top.isTab) this.#showTab(index, 'api');
    return {};
  }

  /** @param {{ delta?: number }} options how many pages to go back; the first page stays */
  navigateBack({ delta = 1 }) {
    const steps = Math.min(Math.max(1, Math.trunc(delta)), this.stack.length - 1);
    if (steps < 1) throw new NavigationFault(this.facts.lowest, this.facts.lowest);
    this.#close(steps);
    this.#front();
    this.top.show();
    return {};
  }

  /** The back button in the title bar. */
  backTapped() {
    this.top?.fire('onBack');
    if (this.stack.length > 1) this.navigateBack({});
  }

  /** @param {number} index of the tab that the user tapped */
  tabTapped(index) {
    const { route } = this.tabs[index];
    if (this.top.isTab && this.top.route === route) {
      this.top.fire('onSelectedTabItemTap', this.#tabItem(index));
      return;
    }
    this.top.fire('beforeTabItemTap');
    this.#showTab(index, 'user');
  }

  /** A page that is opened for the first time receives the tap event after it is shown, a reopened page before. */
  #showTab(index, from) {
    const { route } = this.tabs[index];
    const tapped = { from, ...this.#tabItem(index) };
    while (this.stack.length > 1) this.#close(1);
    const kept = this.tabPages.get(route);
    if (this.top && !this.top.isTab) this.#close(1);
    else if (this.top !== kept) this.top?.hide();
    this.stack = [];
    if (!kept) {
      this.#open(route, {}, { isTab: true });
      this.top.fire('onTabItemTap', tapped);
      return;
    }
    this.stack = [kept];
    this.#front();
    kept.fire('onTabItemTap', tapped);
    kept.show();
  }

  #tabItem(index) {
    const { route, text } = this.tabs[index];
    return { pagePath: route, text, index };
  }

  #open(route, query, { isTab = false, channel, kept }) {
    const page = new OpenPage(this.nextId, route, route.includes('://') ? PLUGIN_PAGE : this.definitions.get(route), {
      isTab,
      channel,
      kept,
      router: this.router,
      tools: this.tools,
    });
    this.nextId += 1;
    this.stack.push(page);
    if (isTab) this.tabPages.set(route, page);
    send({ type: 'page-open', page: page.id, route, query: jsonCopy(query), initial: page.initial, data: jsonCopy(page.instance.data) });
    this.#front();
    page.fire('onLoad', query);
    page.show();
  }

  #close(count) {
    for (let step = 0; step < count; step += 1) {
      const page = this.stack.pop();
      if (this.tabPages.get(page.route) === page) this.tabPages.delete(page.route);
      page.unload();
    }
  }

  #front() {
    send({ type: 'page-front', page: this.top.id, stack: this.stack.map(({ id }) => id), tabBar: this.top.isTab });
  }

  #isTab(route) {
    return this.tabs.some((tab) => tab.route === route);
  }

  #warnOfTab(call, route, stack) {
    if (this.#isTab(route)) notice(`my.${call} opens "${route}" without the tab bar: use my.switchTab for its pages`, stack);
  }

  #resolve(url, base = this.top?.route ?? '') {
    const { target, query } = splitUrl(String(url ?? ''));
    const isPlugin = this.#isPluginPage(target);
    const route = isPlugin ? target : resolveRoute(target, base);
    if (!isPlugin && !this.definitions.has(route)) throw new NavigationFault(worded(this.facts.notFound, url, route));
    return { route, text: query, query: parseQuery(query, this.decodesQuery) };
  }

  #isPluginPage(target) {
    try {
      return isPluginPage(target, this.plugins);
    } catch (error) {
      throw new NavigationFault(error.message);
    }
  }
}

function worded(text, url, pagePath) {
  return text.replace(/\$\{(\w+)\}/g, (_, name) => (name === 'url' ? url : pagePath));
}
