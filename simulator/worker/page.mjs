import { jsonCopy } from '../platform/plain.mjs';
import { send } from './channel.mjs';
import { findLoss, notice, reportError, runPageCode } from './report.mjs';
import { parsePath, setPath, splicePath } from './set-data.mjs';

/** One opened page: the instance that page code sees as `this`, its data and its life. */
export class OpenPage {
  /**
   * @param {number} id
   * @param {string} route
   * @param {PageDefinition} definition
   * @param {{ isTab: boolean, channel?: object, router: (page: OpenPage) => object, tools: (page: OpenPage) => object }} parts
   */
  constructor(id, route, definition, { isTab, channel, router, tools }) {
    Object.assign(this, { id, route, definition, isTab });
    this.visible = false;
    this.closed = false;
    this.callbacks = new Map();
    this.nextCallback = 1;
    this.changed = new Set();
    this.batches = 0;
    this.instance = this.#createInstance(channel, router(this), tools(this));
  }

  #createInstance(channel, router, tools) {
    const { definition } = this;
    return {
      ...definition.members,
      data: runPageCode(() => definition.createData()) ?? {},
      route: this.route,
      router,
      pageRouter: router,
      setData: (changes, callback) => this.#update(changes, callback, setPath),
      $spliceData: (changes, callback) => this.#update(changes, callback, splicePath),
      $batchedUpdates: (work) => this.#batch(() => runPageCode(work)),
      getOpenerEventChannel: () => channel,
      ...tools,
      hasMixin: (mixin) => definition.mixinIds.includes(mixin),
    };
  }

  /** Changes the data here, tells observers, then the host; the callback runs once it is on the screen. */
  #update(changes, callback, apply) {
    if (typeof changes !== 'object' || changes === null) throw new TypeError('setData takes an object');
    // An unloaded page has no data that could be set.
    if (this.closed) return;
    const loss = findLoss(changes);
    if (loss) notice(`setData: ${loss}, which JSON does not keep: the platform takes only what it keeps`);
    const copy = jsonCopy(changes);
    for (const [path, value] of Object.entries(copy)) this.changed.add(apply(this.instance.data, path, value));
    if (typeof callback === 'function') {
      this.callbacks.set(this.nextCallback, callback);
      this.nextCallback += 1;
    }
    this.#batch(() => {
      for (const { callback: observer, values } of touched(this.definition.observers, Object.keys(copy), this.instance.data))
        {runPageCode(() => observer.apply(this.instance, values));}
    });
  }

  /** What is set meanwhile goes to the host in one message. */
  #batch(work) {
    this.batches += 1;
    work();
    this.batches -= 1;
    if (this.batches > 0 || this.closed) return;
    const { data } = this.instance;
    const changes = Object.fromEntries([...this.changed].map((name) => [name, data[name]]));
    this.changed.clear();
    const token = this.callbacks.size > 0 ? this.nextCallback - 1 : undefined;
    send({ type: 'page-data', page: this.id, data: jsonCopy(changes), token });
  }

  /** @param {number} token the last callback that was set when the host was told what is now on the screen */
  rendered(token) {
    for (const [number, callback] of this.callbacks) {
      if (number > token) break;
      this.callbacks.delete(number);
      runPageCode(() => callback.call(this.instance));
    }
  }

  /** Calls whatever the page has for an event of its life. */
  fire(name, ...values) {
    for (const hook of this.definition.hooks(name, this.instance)) runPageCode(() => hook.apply(this.instance, values));
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
    this.closed = true;
    this.visible = false;
    send({ type: 'page-close', page: this.id });
  }

  /** Hands a user's act to the method that the AXML names. */
  event(method, event, place) {
    if (this.closed) return;
    if (typeof this.instance[method] !== 'function') {
      reportError(new TypeError(`the page has no method "${method}"`), place);
      return;
    }
    runPageCode(() => this.instance[method](event));
  }
}

/** Members of `Page()` that mean something to the platform itself, and are no members of the page's instance. */
const OWN = ['data', 'events', 'mixins', 'observers', 'options'];

/** What was given to `Page()`, with its mixins; every opened page is made of it. */
export class PageDefinition {
  /**
   * @param {object} options
   * @param {{ page: Record<string, boolean>, events: Record<string, boolean>, mixin: Record<string, boolean> }} known what the
   *   platform acts on, and whether it is simulated
   */
  constructor(options, known) {
    const { ids, mixins } = resolveMixins(options.mixins);
    this.mixinIds = ids;
    this.layers = [...mixins.map(({ data }) => data), options.data];
    this.members = Object.assign({}, ...mixins.map(({ methods }) => methods));
    for (const [name, value] of Object.entries(options)) if (!OWN.includes(name)) this.members[name] = value;
    this.rootEvents = mixins.map(({ rootEvents }) => rootEvents ?? {});
    this.events = options.events ?? {};
    this.observers = observersOf(options, mixins);
    this.#checkNames(options, mixins, known);
  }

  /** The data of a newly opened page: objects are copied one level deep, as on the platform, and functions are called. */
  createData() {
    return Object.assign({}, ...this.layers.map((data) => (typeof data === 'function' ? data() : data)));
  }

  /** All functions that are called for an event of the page's life: of the mixins, of the page, of `events`. */
  hooks(name, instance) {
    return [...this.rootEvents.map((events) => events[name]), instance[name], this.events[name]].filter(
      (hook) => typeof hook === 'function',
    );
  }

  #checkNames(options, mixins, known) {
    for (const name of new Set(mixins.flatMap(Object.keys))) {
      if (known.mixin[name] === false) notice(`the simulator does not act on ${name} of a mixin`);
      if (known.mixin[name] === undefined) notice(`a page does not take "${name}" of a mixin: it is for components`);
    }
    for (const name of Object.keys(options))
      {if (known.page[name] === false) notice(`the simulator never calls ${name} of a page`);}
    for (const events of [...this.rootEvents, this.events]) {
      for (const name of Object.keys(events)) {
        if (known.events[name] === false) notice(`the simulator never calls events.${name} of a page`);
        if (known.events[name] === undefined) notice(`the platform knows no events.${name} of a page, and never calls it`);
      }
    }
    for (const name of Object.keys(options.options ?? {}))
      {if (name !== 'observers') notice(`the simulator does not act on options.${name} of a page`);}
  }
}

/** Observers run only where a page asks for them, since frameworks have their own. */
function observersOf(options, mixins) {
  const all = [...mixins.map(({ observers }) => observers), options.observers].filter(Boolean);
  if (options.options?.observers === true) return all.flatMap(readObservers);
  if (all.length > 0) notice('the platform calls observers of a page only with options: { observers: true }');
  return [];
}

const registered = new Map();

/**
 * The global `Mixin()`: keeps what pages share, and returns what stands for it.
 *
 * @param {object} options
 * @returns {string}
 */
export function registerMixin(options) {
  const id = `mixin-${registered.size + 1}`;
  registered.set(id, options ?? {});
  return id;
}

/**
 * The mixins of a page in the order in which they run: whoever is mixed in before whoever mixes it in, earlier before
 * later, each once. What comes later wins.
 *
 * @param {unknown} list the page's `mixins`
 * @returns {{ ids: string[], mixins: { data?: object | Function, observers?: object, methods?: object, rootEvents?: object }[] }}
 */
function resolveMixins(list = []) {
  const ids = [];
  const visit = (entries) => {
    if (!Array.isArray(entries)) throw new TypeError('mixins is a list of what Mixin() returned');
    for (const id of entries) {
      if (!registered.has(id)) throw new TypeError('mixins of a page takes only what Mixin() returned, not plain objects');
      if (ids.includes(id)) continue;
      visit(registered.get(id).mixins ?? []);
      ids.push(id);
    }
  };
  visit(list);
  return { ids, mixins: ids.map((id) => registered.get(id)) };
}

/**
 * A page's `observers`: functions that are called when `setData` touches a field, whether or not its value changed.
 *
 * @param {Record<string, Function>} definitions by fields: 'a', 'a, b.c', 'list[0]', 'a.**', '**'
 * @returns {Observer[]}
 *
 * @typedef {{ fields: { steps: (string | number)[], deep: boolean }[], callback: Function }} Observer
 */
function readObservers(definitions) {
  return Object.entries(definitions).map(([text, callback]) => {
    if (typeof callback !== 'function') throw new TypeError(`observers: ${JSON.stringify(text)} must be a function`);
    return { fields: text.split(',').map((field) => readField(field.trim())), callback };
  });
}

function readField(field) {
  if (field === '**') return { steps: [], deep: true };
  return { steps: parsePath(field.replace(/\.\*\*$/, ''), 'observers'), deep: field.endsWith('.**') };
}

/**
 * @param {Observer[]} observers
 * @param {string[]} paths what one `setData` touched
 * @param {object} data as it is now
 * @returns {{ callback: Function, values: unknown[] }[]} who is to be called, each once
 */
export function touched(observers, paths, data) {
  const changes = paths.map((path) => parsePath(path));
  return observers
    .filter(({ fields }) => fields.some((field) => changes.some((change) => touches(field, change))))
    .map(({ fields, callback }) => ({ callback, values: fields.map(({ steps }) => valueAt(data, steps)) }));
}

/** Setting a field touches it and all above which it stands; setting something inside touches only who asked for that. */
function touches({ steps, deep }, change) {
  const shared = Math.min(steps.length, change.length);
  for (let index = 0; index < shared; index += 1) if (steps[index] !== change[index]) return false;
  return deep || change.length <= steps.length;
}

function valueAt(data, steps) {
  return steps.reduce((value, step) => value?.[step], data);
}
