import {
  computed,
  Fragment,
  getCurrentInstance,
  h,
  inject,
  nextTick,
  onBeforeUnmount,
  onBeforeUpdate,
  onMounted,
  provide,
  ref,
  shallowReactive,
  shallowRef,
  watch,
} from 'vue';
import { COMMON_PROPS, PAGE, useElement } from './element.mjs';
import { slotName } from '../slot-name.mjs';
import { drawnFrom, HELPERS, sayOnce, views } from '../views.mjs';
import { record } from '../timeline.mjs';
import { state } from '../state.mjs';
import { tell } from '../worker-link.mjs';

/**
 * Custom components, their slots, and templates.
 *
 * A component is drawn here but lives in the Worker. This side asks the Worker for the component, and draws it once its data arrives.
 * Values passed to it are sent to the Worker whenever they change.
 */

/** Injection key of the component that contains an element as drawn, which may not be the one whose AXML it is in. */
const AROUND = Symbol('around');

/** Injection key of the object that waits for the first drawing to finish: `{ expect(), drawn() }`. */
export const SETTLING = Symbol('settling');

/**
 * Counts the first drawings inside something, and reports once when all are done.
 *
 * @param {() => void} onSettled
 */
export function settling(onSettled) {
  let open = 1;
  const end = () => {
    open -= 1;
    if (open === 0) onSettled();
  };
  const once = () => {
    let ended = false;
    return () => {
      if (!ended) end();
      ended = true;
    };
  };
  return {
    /** Registers a drawing. @returns {() => void} to be called when it is drawn, or will not be */
    expect() {
      // After the first drawing nothing waits any more.
      if (open === 0) return () => {};
      open += 1;
      return once();
    },
    drawn: once(),
  };
}

let nextId = 1;

/** The drawn components by number. */
const open = new Map();

/** Returns the ids of a page's components in document order. */
function inOrder(page) {
  const there = [...open]
    .filter(([, component]) => component.page === page)
    .map(([id, { node }]) => ({ id, node: node() }))
    .filter(({ node }) => node);
  const compare = (a, b) => (a === b ? 0 : 2 - (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING));
  return there.sort((a, b) => compare(a.node, b.node)).map(({ id }) => id);
}

/** Tells the Worker which components were moved: removed from the document and inserted again in one drawing. Which items of a reordered list move is assumed. */
const moves = new MutationObserver((changes) => {
  const removed = new Set(changes.flatMap(({ removedNodes }) => [...removedNodes]));
  const moved = new Set(changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => removed.has(node)));
  const isMoved = (node) => node && (moved.has(node) || isMoved(node.parentNode));
  if (moved.size > 0) for (const { node, say, page } of open.values()) if (isMoved(node())) say('moved', { order: inOrder(page) });
});

/** Handles the Worker's message with a component's data, or its changes. */
export function componentData({ page, component, data, made, token }) {
  open.get(component)?.take(data, made);
  if (token !== undefined) void nextTick(() => tell({ type: 'component', does: 'rendered', page, component, token }));
}

/** The node of a component that has one of its own. */
const Host = {
  name: 'axml-host',
  props: [...COMMON_PROPS, 'path', 'writer'],
  setup(props, { slots }) {
    const { attributes } = useElement(props, { writer: props.writer });
    return () => h('axml-host', { ...attributes(), 'data-is': props.path }, slots.default?.());
  },
};

export const AppComponent = {
  name: 'app-component',
  inheritAttrs: false,
  props: ['is', 'given', 'functions', 'refersTo', 'host', 'place'],
  setup(props, { slots }) {
    const owner = inject(PAGE);
    const around = inject(AROUND, undefined);
    const done = inject(SETTLING).expect();
    const id = nextId;
    nextId += 1;
    const file = `${props.is}.axml`;
    const data = shallowReactive({});
    const isKnown = ref(false);
    const { hasHost: hostByJson, isolatesStyle } = state.project.manifest.components.find(({ path }) => path === props.is);
    const hasHost = shallowRef(hostByJson);
    const externalClasses = shallowRef([]);
    const drawnSlots = ref(0);
    let isRelated = false;
    const say = (does, more) => tell({ type: 'component', does, page: owner.id, component: id, ...more });
    const given = computed(() => {
      const { given: values, functions, refersTo, host } = props;
      return JSON.stringify({
        given: values,
        functions,
        refersTo,
        host: { id: host.id && String(host.id), class: host.class && String(host.class) },
      });
    });
    const what = () => ({ ...JSON.parse(given.value), place: props.place, owner: owner.component, parent: around });
    const own = {
      id: owner.id,
      route: props.is,
      component: id,
      owner,
      isolatesStyle,
      externalClasses: () => externalClasses.value,
      given: (name) => props.given[name],
      /** Returns a slot's content. Reading `drawnSlots` makes the slot redraw with its owner. */
      slot: (name) => drawnSlots.value >= 0 && slots[name],
      dispatch(method, event) {
        const place = state.project.handlers[file]?.find(({ name }) => name === method);
        tell({ type: 'event', page: owner.id, component: id, method, event, place });
      },
    };
    provide(PAGE, own);
    provide(AROUND, id);
    const inside = settling(() => {
      say('mounted', isRelated && { order: inOrder(owner.id) });
      done();
    });
    provide(SETTLING, inside);
    const take = (changes, made) => {
      Object.assign(data, changes);
      if (isKnown.value) return;
      hasHost.value = made.hasHost ?? hasHost.value;
      if (isolatesStyle) externalClasses.value = made.externalClasses;
      else if (made.externalClasses.length > 0)
        sayOnce('externalClasses act only with "styleIsolation": "apply-shared"', { file: `${props.is}.json` });
      isRelated = made.isRelated;
      if (made.hearsMoves) moves.observe(document.body, { childList: true, subtree: true });
      isKnown.value = true;
      void nextTick(inside.drawn);
    };
    const self = getCurrentInstance();
    open.set(id, { take, say, page: owner.id, node: () => self.subTree?.el });
    say('create', { path: props.is, what: what() });
    watch(given, () => say('give', { what: what() }));
    onBeforeUpdate(() => {
      drawnSlots.value += 1;
    });
    onBeforeUnmount(() => {
      open.delete(id);
      say('remove');
      done();
    });
    return () => {
      const view = views.get(file);
      if (!isKnown.value || !view) return null;
      const drawn = () => h(Fragment, { key: drawnFrom(file) }, [view.render({ ...HELPERS, $: data, $sjs: view.sjs }, [])]);
      return hasHost.value ? h(Host, { ...props.host, path: props.is, writer: owner }, drawn) : drawn();
    };
  },
};

/** Provides slot content with the page or component in whose AXML it is written. */
const Written = {
  name: 'written-elsewhere',
  props: ['by'],
  setup(props, { slots }) {
    provide(PAGE, props.by);
    return () => slots.default();
  },
};

/** `<slot>`: shows the owner's content, or else its own. */
export const AppSlot = {
  name: 'app-slot',
  props: ['name', 'scope'],
  setup(props, { slots }) {
    const component = inject(PAGE);
    return () => {
      const content = component.slot?.(slotName(props.name));
      if (!content) return slots.default?.();
      return h(Written, { key: slotName(props.name), by: component.owner }, { default: () => content(props.scope) });
    };
  },
};

/** `<template is>`: a template from its file or a file that this imports; it sees only its data. */
export const AppTemplate = {
  name: 'app-template',
  props: ['file', 'name', 'data', 'place'],
  setup(props) {
    const data = shallowReactive({});
    const found = computed(() => findTemplate(props.file, props.name));
    watch(
      () => props.data,
      (given) => {
        for (const name of Object.keys(data)) if (!Object.hasOwn(given ?? {}, name)) delete data[name];
        Object.assign(data, given);
      },
      { immediate: true },
    );
    onMounted(() => {
      if (!found.value) record('notice', { message: `there is no template "${props.name}"`, ...props.place });
    });
    return () => found.value?.render({ ...HELPERS, $: data, $sjs: views.get(found.value.file).sjs }, []);
  },
};

function findTemplate(file, name) {
  for (const from of [file, ...(views.get(file)?.imports ?? [])]) {
    const render = views.get(from)?.templates[name];
    if (render) return { file: from, render };
  }
  return null;
}
