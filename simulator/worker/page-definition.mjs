import { resolveMixins } from './mixins.mjs';
import { readObservers } from './observers.mjs';

/** Members of `Page()` that mean something to the platform itself, and are no members of the page's instance. */
const OWN = ['data', 'events', 'mixins', 'observers', 'options'];

/** What was given to `Page()`, with its mixins; every opened page is made of it. */
export class PageDefinition {
  /**
   * @param {object} options
   * @param {{ page: Record<string, boolean>, events: Record<string, boolean>, mixin: Record<string, boolean> }} known what the
   *   platform acts on, and whether it is simulated
   * @param {(message: string) => void} notice
   */
  constructor(options, known, notice) {
    const { ids, mixins } = resolveMixins(options.mixins);
    this.mixinIds = ids;
    this.layers = [...mixins.map(({ data }) => data), options.data];
    this.members = Object.assign({}, ...mixins.map(({ methods }) => methods));
    for (const [name, value] of Object.entries(options)) if (!OWN.includes(name)) this.members[name] = value;
    this.rootEvents = mixins.map(({ rootEvents }) => rootEvents ?? {});
    this.events = options.events ?? {};
    this.observers = observersOf(options, mixins, notice);
    this.#checkNames(options, mixins, known, notice);
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

  #checkNames(options, mixins, known, notice) {
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
function observersOf(options, mixins, notice) {
  const all = [...mixins.map(({ observers }) => observers), options.observers].filter(Boolean);
  if (options.options?.observers === true) return all.flatMap(readObservers);
  if (all.length > 0) notice('the platform calls observers of a page only with options: { observers: true }');
  return [];
}
