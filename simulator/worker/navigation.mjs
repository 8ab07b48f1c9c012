import { send } from './channel.mjs';
import { OpenPage } from './page.mjs';

/** The platform's limit of pages on the stack. */
const DEEPEST = 10;

/** Why a navigation cannot be done; becomes the `fail` of the call. */
export class NavigationFault extends Error {}

/** The stack of open pages, and what moves on it. */
export class Navigation {
  /**
   * @param {Map<string, object>} definitions page options by route
   * @param {string[]} tabRoutes routes of the tab bar
   */
  constructor(definitions, tabRoutes) {
    this.definitions = definitions;
    this.tabRoutes = tabRoutes;
    this.stack = [];
    this.nextId = 1;
  }

  get top() {
    return this.stack[this.stack.length - 1];
  }

  page(id) {
    return this.stack.find((page) => page.id === id);
  }

  launch(route) {
    this.open(route, '');
  }

  navigateTo(url) {
    const { route, query } = this.resolve(url);
    if (this.tabRoutes.includes(route)) throw new NavigationFault('a page of the tab bar is opened with my.switchTab');
    if (this.stack.length >= DEEPEST)
      {throw new NavigationFault(`${DEEPEST} pages are open, which is the platform's limit`);}
    this.top.life('onHide');
    this.open(route, query);
  }

  redirectTo(url) {
    const { route, query } = this.resolve(url);
    if (this.tabRoutes.includes(route)) throw new NavigationFault('a page of the tab bar is opened with my.switchTab');
    this.close(1);
    this.open(route, query);
  }

  reLaunch(url) {
    const { route, query } = this.resolve(url);
    this.close(this.stack.length);
    this.open(route, query);
  }

  switchTab(url) {
    const { route, query } = this.resolve(url);
    if (!this.tabRoutes.includes(route)) throw new NavigationFault(`${route} is not in the tab bar`);
    if (query !== '') throw new NavigationFault('my.switchTab takes no query');
    this.close(this.stack.length);
    this.open(route, query);
  }

  /** @param {number} delta how many pages to go back; the first page stays */
  navigateBack(delta) {
    const steps = Math.min(Math.max(1, Math.trunc(delta)), this.stack.length - 1);
    if (steps === 0) throw new NavigationFault('this is the first page');
    this.close(steps);
    this.top.life('onShow');
  }

  open(route, query) {
    const page = new OpenPage(this.nextId, route, this.definitions.get(route));
    this.nextId += 1;
    this.stack.push(page);
    send({ type: 'page-open', page: page.id, route, depth: this.stack.length, data: page.instance.data });
    page.life('onLoad', parseQuery(query));
    page.life('onShow');
  }

  close(count) {
    for (let step = 0; step < count; step += 1) {
      const page = this.stack.pop();
      page.life('onUnload');
      page.closed = true;
      send({ type: 'page-close', page: page.id });
    }
  }

  /** '/pages/a/a?x=1' from the package's root, or 'b/b', '../b/b' from the present page. */
  resolve(url) {
    if (typeof url !== 'string' || url === '') throw new NavigationFault('url must be the path of a page');
    const [, target, query] = /^([^?]*)\??(.*)$/s.exec(url);
    const folder = target.startsWith('/') ? [] : this.top.route.split('/').slice(0, -1);
    const steps = [];
    for (const step of [...folder, ...target.split('/')]) {
      if (step === '..') steps.pop();
      else if (step !== '' && step !== '.') steps.push(step);
    }
    const route = steps.join('/');
    if (!this.definitions.has(route))
      {throw new NavigationFault(`${url} is not a page: "${route}" is not in app.json, or its code did not load`);}
    return { route, query };
  }
}

/** Values stay as they were written: whoever encodes them decodes them. */
function parseQuery(query) {
  const values = {};
  for (const pair of query.split('&').filter(Boolean)) {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(pair);
    values[name] = value;
  }
  return values;
}
