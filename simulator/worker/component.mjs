import { jsonCopy } from '../platform/plain.mjs';
import { send } from './channel.mjs';
import { Instance, readObservers } from './instance.mjs';
import { resolveMixins } from './mixins.mjs';
import { link, readRelations, relationNodes, unlink } from './relations.mjs';
import { notice, noticeAt, runPageCode } from './report.mjs';

const isFunction = (value) => typeof value === 'function';

/**
 * What is known of a component's place, from the host that draws it: values that it is given, names of its user's methods that it is
 * given as functions, its user (a component, else the page), the component around it on the way of events, and what `#id` and `.class` find.
 *
 * @typedef {object} Place
 * @property {Record<string, unknown>} given
 * @property {Record<string, string>} functions
 * @property {number} [owner]
 * @property {number} [parent]
 * @property {{ id?: string, class?: string }} host
 * @property {string} [refersTo] the method that is handed what stands for the component
 * @property {{ file: string, line: number, column: number }} place in AXML
 */

/** One component on an open page. */
export class OpenComponent extends Instance {
  /**
   * @param {number} id
   * @param {ComponentDefinition} definition
   * @param {import('./page.mjs').OpenPage} page
   * @param {Place} place
   * @param {object} router
   */
  constructor(id, definition, page, place, router) {
    super(definition.observers);
    Object.assign(this, { id, definition, page, ...place });
    this.before = null;
    /** @type {{ relation: import('./relations.mjs').Relation, other: OpenComponent }[]} */
    this.links = [];
    /** Among the page's components; a new one is the last until it has been drawn. */
    this.position = Number.MAX_SAFE_INTEGER;
    this.functionProps = {};
    this.instance = {
      ...definition.methods,
      data: runPageCode(() => definition.createData()) ?? {},
      props: this.#props(),
      is: `/${definition.path}`,
      $page: page.instance,
      $id: id,
      router,
      pageRouter: page.instance.router,
      ...this.setters,
      ...page.tools,
      selectOwnerComponent: () => page.holder(this.owner)?.reference() ?? null,
      selectComposedParentComponent: () => page.holder(this.parent)?.reference() ?? null,
      $selectComponent: (selector) => page.select(selector, id)[0] ?? null,
      $selectAllComponents: (selector) => page.select(selector, id),
      getRelationNodes: (key) => relationNodes(this, key),
      hasMixin: (mixin) => definition.mixinIds.includes(mixin) || (mixin === 'ref' && Boolean(definition.ref)),
    };
  }

  /** What stands for it elsewhere: what its own `ref` returns, else itself. */
  reference() {
    const { ref } = this.definition;
    return ref ? this.run(ref) : this.instance;
  }

  /** A method by the name that AXML gives: its own, or a function that it was given (assumed). */
  method(name) {
    const { [name]: own, props } = this.instance;
    return typeof own === 'function' ? own : props[name];
  }

  #props() {
    for (const [name, method] of Object.entries(this.functions)) {
      const holder = this.page.holder(this.owner);
      if (typeof holder.method(method) === 'function') {
        this.functionProps[name] ??= (...values) => holder.method(this.functions[name])?.apply(holder.instance, values);
      } else {
        delete this.functionProps[name];
        if (method) noticeAt(`${name}="${method}": there is no method of that name`, this.place);
      }
    }
    return { ...this.definition.props, ...this.given, ...this.functionProps };
  }

  /** It was created: it may set data, and is then drawn for the first time. */
  create() {
    const { definition } = this;
    this.batches += 1;
    this.life('created');
    if (definition.component2) {
      this.fire('onInit');
      this.fire('deriveDataFromProps', this.instance.props);
    }
    this.life('attached');
    link(this);
    this.batches -= 1;
    this.changed.clear();
    this.drawn = true;
    send({ type: 'component-data', page: this.page.id, component: this.id, data: this.#scope(), made: definition.made, token: this.#token() });
    if (definition.component2) this.#hand();
  }

  #hand() {
    const name = this.refersTo;
    if (!name) return;
    const holder = this.page.holder(this.owner);
    if (typeof holder.method(name) === 'function') runPageCode(() => holder.method(name).call(holder.instance, this.reference()));
    else noticeAt(`ref="${name}": there is no method of that name`, this.place);
  }

  /** @param {Place} place what its user gives it now */
  give(place) {
    this.willChange();
    const before = this.instance.props;
    Object.assign(this, place);
    const next = this.#props();
    this.batch(() => {
      if (this.definition.component2) this.fire('deriveDataFromProps', next);
      this.instance.props = next;
      for (const name of Object.keys({ ...before, ...next })) this.changed.add(name);
    });
  }

  mounted() {
    this.fire('didMount');
    this.life('ready');
  }

  rendered(token) {
    super.rendered(token);
    if (this.before === null) return;
    const { props, data } = this.before;
    this.before = null;
    this.fire('didUpdate', props, data);
  }

  remove() {
    if (this.closed) return;
    this.fire('didUnmount');
    this.life('detached');
    unlink(this);
    this.closed = true;
  }

  /** What `didUpdate` is told: what there was before. */
  willChange() {
    if (this.drawn && this.definition.hooks.didUpdate) this.before ??= { props: this.instance.props, data: jsonCopy(this.instance.data) };
  }

  #token() {
    return this.callbacks.size > 0 || this.before !== null ? this.nextCallback - 1 : undefined;
  }

  draw(names) {
    const scope = this.#scope();
    const changes = Object.fromEntries(names.map((name) => [name, scope[name]]));
    send({ type: 'component-data', page: this.page.id, component: this.id, data: changes, token: this.#token() });
  }

  /** What its AXML reads; a function that it was given reads as its name there, by which it is found again. */
  #scope() {
    const { props, data } = this.instance;
    const named = Object.entries(props).map(([name, value]) => [name, typeof value === 'function' ? name : value]);
    return jsonCopy({ ...Object.fromEntries(named), ...data, $id: this.id });
  }

  /** Calls all functions for an event of its life: those of mixins first. */
  fire(name, ...values) {
    for (const hook of this.definition.hooks[name] ?? []) this.run(hook, values);
  }

  /** An event of the page around it. */
  rootEvent(name, values) {
    for (const events of this.definition.rootEvents) if (isFunction(events[name])) this.run(events[name], values);
  }

  life(name) {
    for (const hook of this.definition.lifetimes[name] ?? []) this.run(hook);
  }

  /** Runs its code; what that throws is told to its `onError` too. */
  run(code, values = []) {
    return runPageCode(() => {
      try {
        return code.apply(this.instance, values);
      } catch (error) {
        for (const hook of this.definition.hooks.onError ?? []) runPageCode(() => hook.call(this.instance, error));
        throw error;
      }
    });
  }
}

/** What was given to `Component()`, with its mixins; every component that is drawn is made of it. */
export class ComponentDefinition {
  /**
   * @param {string} path
   * @param {object} options
   * @param {ReturnType<import('../compile/vocabulary.mjs').workerFacts>} known of the platform
   */
  constructor(path, options, known) {
    const { ids, mixins } = resolveMixins(options.mixins, { plain: true });
    const all = [...mixins, options];
    this.path = path;
    this.mixinIds = ids;
    this.component2 = known.component2;
    this.ref = options.ref;
    this.data = all.map(({ data }) => data);
    this.props = Object.assign({}, ...all.map(({ props }) => props));
    this.methods = Object.assign({}, ...all.map(({ methods }) => methods));
    this.hooks = byName(all, (name) => known.componentHooks.includes(name));
    const settings = options.options ?? {};
    const hasHost = settings.virtualHost === undefined ? undefined : settings.virtualHost === false;
    const externalClasses = settings.externalClasses === true ? [options.externalClasses ?? []].flat().map(String) : [];
    this.relations = settings.relations === true ? readRelations(options.relations ?? {}, path) : [];
    /** What draws one has to know. */
    this.made = { hasHost, externalClasses, isRelated: this.relations.length > 0 };
    this.lifetimes = settings.lifetimes === true ? byName(all.map(({ lifetimes }) => lifetimes ?? {}), () => true) : {};
    this.observers = settings.observers === true ? all.flatMap(({ observers }) => readObservers(observers ?? {})) : [];
    this.rootEvents = all.map(({ rootEvents }) => rootEvents ?? {});
    this.#checkNames(all, settings, known);
  }

  /** The data of a new component, which shares nothing with another (assumed). */
  createData() {
    return copy(Object.assign({}, ...this.data.map((data) => (isFunction(data) ? data() : data))));
  }

  #checkNames(all, settings, known) {
    const whose = `the component ${this.path}`;
    const names = new Set(all.flatMap(Object.keys));
    for (const name of names) {
      if (known.component[name] === false) notice(`the simulator does not act on ${name} of ${whose}`, '');
      // Frameworks and code for several platforms have keys of their own.
      else if (known.component[name] === undefined && isFunction(all.at(-1)[name])) notice(`the platform knows no ${name} of ${whose}: methods stand in "methods"`, '');
    }
    if (!known.component2) {
      for (const name of known.component2Hooks) if (names.has(name)) notice(`${name} of ${whose} is never called: mini.project.json lacks "compileOptions": { "component2": true }`, '');
    }
    for (const name of ['observers', 'lifetimes', 'relations', 'externalClasses']) if (names.has(name) && settings[name] !== true) notice(`the platform acts on ${name} of ${whose} only with options: { ${name}: true }`, '');
  }
}

function byName(objects, wanted) {
  const found = {};
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) if (isFunction(value) && wanted(name)) (found[name] ??= []).push(value);
  }
  return found;
}

function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
}
