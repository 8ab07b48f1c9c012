import { jsonCopy } from '../platform/plain.mjs';
import { send } from './channel.mjs';
import { Instance, readObservers } from './instance.mjs';
import { resolveMixins } from './mixins.mjs';
import { link, readRelations, relationNodes, tellMoved, unlink } from './relations.mjs';
import { notice, noticeAt, runPageCode, tellComponentError } from './report.mjs';

const isFunction = (value) => typeof value === 'function';

/**
 * A component's place, as the host draws it: the values it receives, the names of its owner's methods that it receives as functions, its
 * owner (a component, or the page), the component around it for event bubbling, and the attributes that `#id` and `.class` match.
 *
 * @typedef {object} Place
 * @property {Record<string, unknown>} given
 * @property {Record<string, string>} functions
 * @property {number} [owner]
 * @property {number} [parent]
 * @property {{ id?: string, class?: string }} host
 * @property {string} [refersTo] the owner's method that receives the component's reference
 * @property {{ file: string, line: number, column: number }} place position in AXML
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
    /** Its position in page order; a new component is last until it is drawn. */
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

  /** Returns what represents it to others: the result of its own `ref`, or the instance. */
  reference() {
    const { ref } = this.definition;
    return ref ? this.run('ref', ref) : this.instance;
  }

  /** Finds a method by its AXML name: its own, or else a function that it received (assumed). */
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
        if (method) noticeAt(`${name}="${method}": there is no such method`, this.place);
      }
    }
    return { ...this.definition.props, ...this.given, ...this.functionProps };
  }

  /** Runs the creation hooks, which may set data, then draws it for the first time. */
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
    send({
      type: 'component-data',
      page: this.page.id,
      component: this.id,
      data: this.#scope(),
      made: definition.made,
      token: this.#token(),
    });
    if (definition.component2) this.#hand();
  }

  #hand() {
    const name = this.refersTo;
    if (!name) return;
    const holder = this.page.holder(this.owner);
    if (typeof holder.method(name) === 'function') runPageCode(() => holder.method(name).call(holder.instance, this.reference()));
    else noticeAt(`ref="${name}": there is no such method`, this.place);
  }

  /** Updates its props. @param {Place} place the new values from its owner */
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

  moved() {
    this.life('moved');
    tellMoved(this);
  }

  remove() {
    if (this.closed) return;
    this.fire('didUnmount');
    this.life('detached');
    unlink(this);
    this.closed = true;
  }

  /** Saves the props and data that `didUpdate` receives as the previous ones. */
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

  /** Returns what its AXML reads; a function it received is replaced by its name, which finds it again. */
  #scope() {
    const { props, data } = this.instance;
    const named = Object.entries(props).map(([name, value]) => [name, typeof value === 'function' ? name : value]);
    return jsonCopy({ ...Object.fromEntries(named), ...data, $id: this.id });
  }

  /** Calls all its hooks for a lifecycle event: those of mixins first. */
  fire(name, ...values) {
    for (const hook of this.definition.hooks[name] ?? []) this.run(name, hook, values);
  }

  /** Handles an event of its page. */
  rootEvent(name, values) {
    for (const events of this.definition.rootEvents) if (isFunction(events[name])) this.run(name, events[name], values);
  }

  life(name) {
    for (const hook of this.definition.lifetimes[name] ?? []) this.run(name, hook);
  }

  /** Runs its code, and also passes errors to its `onError`, the app's, and then (assumed) to the listeners of `my.onComponentError`. */
  run(name, code, values = []) {
    let tell = () => {};
    const result = runPageCode(() => {
      try {
        return code.apply(this.instance, values);
      } catch (error) {
        tell = () => tellComponentError(error, name, this.instance);
        for (const hook of this.definition.hooks.onError ?? []) runPageCode(() => hook.call(this.instance, error));
        throw error;
      }
    });
    tell();
    return result;
  }
}

/** The options of `Component()` with their mixins; every instance of the component is created from it. */
export class ComponentDefinition {
  /**
   * @param {string} path
   * @param {object} options
   * @param {ReturnType<import('../compile/vocabulary.mjs').workerFacts>} known facts about the platform
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
    this.lifetimes =
      settings.lifetimes === true
        ? byName(
            all.map(({ lifetimes }) => lifetimes ?? {}),
            () => true,
          )
        : {};
    const isRelated = this.relations.length > 0;
    /** What the host needs to draw it. */
    this.made = { hasHost, externalClasses, isRelated, hearsMoves: isRelated || Boolean(this.lifetimes.moved) };
    this.observers = settings.observers === true ? all.flatMap(({ observers }) => readObservers(observers ?? {})) : [];
    this.rootEvents = all.map(({ rootEvents }) => rootEvents ?? {});
    this.#checkNames(all, settings, known);
  }

  /** Creates the data of an instance; instances share nothing (assumed). */
  createData() {
    return copy(Object.assign({}, ...this.data.map((data) => (isFunction(data) ? data() : data))));
  }

  #checkNames(all, settings, known) {
    const whose = `the component ${this.path}`;
    const names = new Set(all.flatMap(Object.keys));
    for (const name of names) {
      if (known.component[name] === false) notice(`the simulator does not act on ${name} of ${whose}`, '');
      // Frameworks and cross-platform code have keys of their own.
      else if (known.component[name] === undefined && isFunction(all.at(-1)[name]))
        notice(`the platform knows no ${name} of ${whose}: methods stand in "methods"`, '');
    }
    if (!known.component2) {
      for (const name of known.component2Hooks)
        if (names.has(name))
          notice(`${name} of ${whose} is never called: mini.project.json lacks "compileOptions": { "component2": true }`, '');
    }
    for (const name of ['observers', 'lifetimes', 'relations', 'externalClasses'])
      if (names.has(name) && settings[name] !== true)
        notice(`the platform acts on ${name} of ${whose} only with options: { ${name}: true }`, '');
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
