import { jsonCopy } from '../platform/plain.mjs';
import { send } from './channel.mjs';
import { OpenComponent } from './component.mjs';
import { Instance, readObservers } from './instance.mjs';
import { resolveMixins } from './mixins.mjs';
import { notice, reportError, runPageCode } from './report.mjs';

/** An open page: the instance that page code sees as `this`, its data, lifecycle and components. */
export class OpenPage extends Instance {
  /**
   * @param {number} id
   * @param {string} route
   * @param {PageDefinition} definition
   * @param {{ isTab: boolean, channel?: object, kept?: KeptData, router: (page: OpenPage, base?: string) => object, tools: (page: OpenPage) => object }} parts
   */
  constructor(id, route, definition, { isTab, channel, kept, router, tools }) {
    super(definition.observers);
    Object.assign(this, { id, route, definition, isTab, router });
    this.visible = false;
    /** Whether it is a plugin's page, of which page code sees nothing. */
    this.isPlugin = route.includes('://');
    /** @type {Map<number, OpenComponent>} */
    this.components = new Map();
    /** The methods of `my` that pages and components have. */
    this.tools = tools(this);
    this.instance = this.#createInstance(channel, router(this));
    /** Its data before any of its code ran. */
    this.initial = jsonCopy(this.instance.data);
    if (kept) Object.assign(this.instance.data, stillMeant(kept, this.initial));
  }

  #createInstance(channel, router) {
    const { definition, tools } = this;
    return {
      ...definition.members,
      data: runPageCode(() => definition.createData()) ?? {},
      route: this.route,
      router,
      pageRouter: router,
      ...this.setters,
      getOpenerEventChannel: () => channel,
      ...tools,
      hasMixin: (mixin) => definition.mixinIds.includes(mixin),
      $selectComponent: (selector) => this.select(selector)[0] ?? null,
      $selectAllComponents: (selector) => this.select(selector),
    };
  }

  draw(names, token) {
    const { data } = this.instance;
    const changes = Object.fromEntries(names.map((name) => [name, data[name]]));
    send({ type: 'page-data', page: this.id, data: jsonCopy(changes), token });
  }

  /** Calls the page's hooks for a lifecycle event, then its components. */
  fire(name, ...values) {
    for (const hook of this.definition.hooks(name, this.instance)) runPageCode(() => hook.apply(this.instance, values));
    for (const component of this.components.values()) component.rootEvent(name, values);
  }

  show() {
    if (this.visible) return;
    this.visible = true;
    this.fire('onShow');
  }

  hide() {
    if (!this.visible) return;
    this.visible = false;
    this.fire('onHide');
  }

  unload() {
    this.fire('onUnload');
    for (const component of this.components.values()) component.remove();
    this.closed = true;
    this.visible = false;
    send({ type: 'page-close', page: this.id });
  }

  /** Handles a message of the host about a component. */
  component({ does, component: id, path, token, what, order }, definitions) {
    if (this.closed) return;
    if (does === 'create') {
      const definition = definitions.get(path);
      // A file that threw defined no component, and that was reported.
      if (!definition) return;
      const router = this.router(this, path);
      this.components.set(id, new OpenComponent(id, definition, this, what, router));
      this.components.get(id).create();
      return;
    }
    const open = this.components.get(id);
    if (does === 'give') open?.give(what);
    else if (does === 'mounted' || does === 'moved') {
      order?.forEach((each, position) => Object.assign(this.components.get(each) ?? {}, { position }));
      open?.[does]();
    } else if (does === 'rendered') open?.rendered(token);
    else if (does === 'remove') {
      open?.remove();
      this.components.delete(id);
    }
  }

  /** Returns a component of this page, or without an id the page itself. @param {number} [id] @returns {OpenPage | OpenComponent} */
  holder(id) {
    return id === undefined ? this : this.components.get(id);
  }

  method(name) {
    return this.instance[name];
  }

  reference() {
    return this.instance;
  }

  /**
   * Finds components by `#id` or `.class` in the AXML of the page, or of one of its components.
   * @param {string} selector
   * @param {number} [owner]
   */
  select(selector, owner) {
    const wanted = /^(#[\w-]+)?((?:\.[\w-]+)*)$/.exec(String(selector).trim());
    if (!wanted || wanted[0] === '') {
      notice(`$selectComponent takes #id and .class here, not ${JSON.stringify(selector)}`);
      return [];
    }
    const [, id, classes] = wanted;
    return [...this.components.values()]
      .filter((component) => component.owner === owner && (!id || component.host.id === id.slice(1)))
      .filter(({ host }) =>
        classes
          .split('.')
          .filter(Boolean)
          .every((name) => (host.class ?? '').split(/\s+/).includes(name)),
      )
      .map((component) => component.reference());
  }

  /** Passes a user event to the method named in AXML. @param {number} [component] the owner of that AXML */
  event(method, event, place, component) {
    const holder = this.holder(component);
    if (this.closed || !holder) return;
    if (typeof holder.method(method) !== 'function') {
      reportError(new TypeError(`the ${component === undefined ? 'page' : 'component'} has no method "${method}"`), place);
      return;
    }
    if (component === undefined) runPageCode(() => this.instance[method](event));
    else holder.run(method, holder.method(method), [event]);
  }
}

/**
 * A page's data before a code change, and its initial data then.
 * @typedef {{ data: Record<string, unknown>, initial: Record<string, unknown> }} KeptData
 */

/** Keeps the values whose initial value is the same in the changed code. */
function stillMeant({ data, initial }, now) {
  const same = (name) => JSON.stringify(initial[name]) === JSON.stringify(now[name]);
  return Object.fromEntries(Object.entries(data).filter(([name]) => same(name)));
}

/** Members of `Page()` that the platform itself reads, and that the page's instance does not get. */
const OWN = ['data', 'events', 'mixins', 'observers', 'options'];

/** The options of `Page()` with their mixins; every open page is created from it. */
export class PageDefinition {
  /**
   * @param {object} options
   * @param {{ page: Record<string, boolean>, events: Record<string, boolean>, mixin: Record<string, boolean> }} known the names that the
   *   platform acts on, and whether they are simulated
   */
  constructor(options, known) {
    const { ids, mixins } = resolveMixins(options.mixins, { plain: false });
    this.mixinIds = ids;
    this.layers = [...mixins.map(({ data }) => data), options.data];
    this.members = Object.assign({}, ...mixins.map(({ methods }) => methods));
    for (const [name, value] of Object.entries(options)) if (!OWN.includes(name)) this.members[name] = value;
    this.rootEvents = mixins.map(({ rootEvents }) => rootEvents ?? {});
    this.events = options.events ?? {};
    this.observers = observersOf(options, mixins);
    this.#checkNames(options, mixins, known);
  }

  /** Creates the data of a new page: objects are copied one level deep, as on the platform; functions are called. */
  createData() {
    return Object.assign({}, ...this.layers.map((data) => (typeof data === 'function' ? data() : data)));
  }

  /** Returns all hooks for a lifecycle event: of the mixins, the page and its `events`. */
  hooks(name, instance) {
    return [...this.rootEvents.map((events) => events[name]), instance[name], this.events[name]].filter(
      (hook) => typeof hook === 'function',
    );
  }

  #checkNames(options, mixins, known) {
    for (const name of new Set(mixins.flatMap(Object.keys))) {
      if (known.mixin[name] === false) notice(`the simulator does not act on ${name} of a mixin`);
      if (known.mixin[name] === undefined) notice(`a page ignores "${name}" of a mixin: it is for components`);
    }
    for (const name of Object.keys(options)) {
      if (known.page[name] === false) notice(`the simulator never calls ${name} of a page`);
    }
    for (const events of [...this.rootEvents, this.events]) {
      for (const name of Object.keys(events)) {
        if (known.events[name] === false) notice(`the simulator never calls events.${name} of a page`);
        if (known.events[name] === undefined) notice(`the platform knows no events.${name} of a page, and never calls it`);
      }
    }
    for (const name of Object.keys(options.options ?? {})) {
      if (name !== 'observers') notice(`the simulator does not act on options.${name} of a page`);
    }
  }
}

/** Observers run only if the page enables them, because frameworks have their own. */
function observersOf(options, mixins) {
  const all = [...mixins.map(({ observers }) => observers), options.observers].filter(Boolean);
  if (options.options?.observers === true) return all.flatMap(readObservers);
  if (all.length > 0) notice('the platform calls observers of a page only with options: { observers: true }');
  return [];
}
