import { h, inject, onBeforeUnmount, ref, useAttrs } from 'vue';
import { recordError } from '../timeline.mjs';
import { watchElement } from './appearing.mjs';
import { ownedStyle } from './style-owner.mjs';

/** Props of every element; class and style are passed through to the element. */
export const COMMON_PROPS = [
  'id',
  'hidden',
  'dataset',
  'marks',
  'events',
  'hoverClass',
  'hoverStartTime',
  'hoverStayTime',
  'hoverStopPropagation',
];

/**
 * The common behaviour of all elements: id, hiding, the pressed state, taps and touches.
 *
 * @param {any} props
 * @param {{ tappable?: () => boolean, drawn?: (element: Element) => void, writer?: import('./style-owner.mjs').Writer }} [options]
 *   `tappable`: whether taps currently count; `drawn` receives the element; `writer`: the page or component in whose AXML it is written
 */
export function useElement(props, { tappable = () => true, drawn, writer = inject(PAGE) } = {}) {
  const written = useAttrs();
  const pressed = ref(false);
  const fire = useEvents(props);
  let watched;
  let unwatch;
  const own = (element) => {
    if (!element) return;
    owners.set(element, props);
    drawn?.(element);
    if (element === watched) return;
    unwatch?.();
    watched = element;
    unwatch = watchElement(element, listens, (type) => fire(type, null, { element }));
  };
  const shows = usePressed(props, pressed);
  let isDown = false;
  const release = () => {
    isDown = false;
    shows.end();
    clearTimeout(holding);
  };
  const tap = (cause, captures) => {
    if (tappable()) fire('tap', cause, { element: cause.currentTarget, touched: touchedBy(cause), captures });
  };
  const touch = (type, cause, captures) =>
    fire(type, cause, { element: cause.currentTarget, touched: touchedBy(cause), captures, more: touches(type, cause) });
  const listens = (type) => props.events?.some((event) => event.type === type);
  let holding;
  const hold = (cause) => {
    if (!listens('longTap')) return;
    const { currentTarget: element } = cause;
    const touched = touchedBy(cause);
    holding = setTimeout(() => fire('longTap', cause, { element, touched, time: performance.now() }), LONG_MS);
  };
  onBeforeUnmount(() => {
    clearTimeout(holding);
    shows.end();
    unwatch?.();
  });
  const hover = () => (pressed.value && tappable() && props.hoverClass && props.hoverClass !== 'none' ? props.hoverClass : '');
  /** The attributes for an element's classes, also for elements drawn inside it. */
  const styled = (classes) => ownedStyle(writer, classes);
  const attributes = () => {
    const { class: external, ...owned } = styled(`${written.class ?? ''} ${hover()}`);
    const all = [hover(), ...external].filter(Boolean);
    return { ...owned, class: all.length > 0 ? all : undefined, ...acts() };
  };
  const acts = () => ({
    ref: own,
    id: props.id === undefined ? undefined : String(props.id),
    hidden: props.hidden ? '' : undefined,
    onPointerdownCapture: (cause) => touch('touchStart', cause, true),
    onPointerdown: (cause) => {
      isDown = true;
      shows.begin(cause);
      touch('touchStart', cause, false);
      hold(cause);
    },
    onPointermove: listens('touchMove') ? (cause) => isDown && touch('touchMove', cause, false) : undefined,
    onPointerupCapture: (cause) => touch('touchEnd', cause, true),
    onPointerup: (cause) => {
      release();
      touch('touchEnd', cause, false);
    },
    onPointerleave: release,
    onPointercancel: (cause) => {
      release();
      touch('touchCancel', cause, false);
    },
    onClickCapture: (cause) => tap(cause, true),
    onClick: (cause) => tap(cause, false),
  });
  return { attributes, fire, styled };
}

/** Presses whose pressed state an inner element keeps to itself. */
const kept = new WeakSet();

/** Controls the pressed state: immediately while pressed, unless attributes set delays in milliseconds. */
function usePressed(props, pressed) {
  let change;
  const after = (time, value) => {
    clearTimeout(change);
    const set = () => {
      pressed.value = value;
    };
    if (Number(time) > 0) change = setTimeout(set, Number(time));
    else set();
  };
  return {
    begin(cause) {
      if (!kept.has(cause)) after(props.hoverStartTime, true);
      if (props.hoverStopPropagation) kept.add(cause);
    },
    end: () => after(pressed.value ? props.hoverStayTime : 0, false),
  };
}

/** The duration of a long tap, in milliseconds. */
const LONG_MS = 500;

/** Builds the touch lists: one finger here, in the page's coordinates. */
function touches(type, { pointerId, clientX, clientY, currentTarget }) {
  const { left, top } = (currentTarget.closest('.phone-view') ?? currentTarget).getBoundingClientRect();
  const scrolled = currentTarget.closest('.phone-view')?.scrollTop ?? 0;
  const [x, y] = [clientX - left, clientY - top].map(Math.round);
  const finger = { identifier: pointerId, clientX: x, clientY: y, pageX: x, pageY: y + scrolled };
  return { touches: ['touchEnd', 'touchCancel'].includes(type) ? [] : [finger], changedTouches: [finger] };
}

/** Builds a tag that only contains others. */
export function container(tag) {
  return {
    name: tag,
    props: COMMON_PROPS,
    setup(props, { slots }) {
      const { attributes } = useElement(props);
      return () => h(tag, attributes(), slots.default?.());
    },
  };
}

/** Injection key of the page or component in whose AXML an element is written: a `Writer` with `id` and `dispatch(method, event)`. */
export const PAGE = Symbol('page');

/** The props of each element: its id, dataset and marks. */
const owners = new WeakMap();

/**
 * Returns a function that passes the user's events to the page. Only trusted events count: events created by a script are rejected, because
 * a tap is the proof of consent.
 *
 * @param {{ events?: { type: string, stops: boolean, captures: boolean, method: string }[] }} props
 */
export function useEvents(props) {
  const page = inject(PAGE);

  /**
   * Fires an event.
   *
   * @param {string} type
   * @param {Event | null} cause the user's event; null for the platform's own
   * @param {object} options
   * @param {Element} options.element the element of the event
   * @param {Element} [options.touched] the touched element, if it is further inside
   * @param {object} [options.detail] omitted if missing
   * @param {object} [options.more] further fields
   * @param {boolean} [options.captures] whether the event is in its capture phase
   * @param {number} [options.time] its time on the page's clock
   * @returns {boolean} whether the page listens
   */
  return function fire(
    type,
    cause,
    { element, touched = element, detail, more, captures = false, time = cause?.timeStamp ?? performance.now() },
  ) {
    const bindings = props.events?.filter((event) => event.type === type && event.captures === captures) ?? [];
    for (const { method, stops } of bindings) {
      if (cause && !cause.isTrusted) {
        recordError(new Error(`a ${type} that no user made was refused`), 'page');
        return true;
      }
      if (stops) cause?.stopPropagation();
      page.dispatch(method, {
        type,
        timeStamp: Math.round(performance.timeOrigin + time),
        target: { ...describe(touched), dataset: datasetOf(element), targetDataset: datasetOf(touched) },
        currentTarget: { ...describe(element), dataset: datasetOf(element) },
        ...marks(touched),
        ...(detail && { detail }),
        ...more,
      });
    }
    return bindings.length > 0;
  };
}

/** Returns the touched component, not what is drawn inside it (a spinner, an `img`). */
export function touchedBy(cause) {
  let element = cause.target;
  while (element && !owners.has(element)) element = element.parentElement;
  return element ?? cause.currentTarget;
}

function describe(element) {
  return { id: idOf(element), tagName: element.localName.replace(/^axml-/, '') };
}

/** @param {Element} element */
export function idOf(element) {
  return String(owners.get(element)?.id ?? '');
}

/** @param {Element} element */
export function datasetOf(element) {
  return JSON.parse(JSON.stringify(owners.get(element)?.dataset ?? {}));
}

/** Collects `mark:` attributes from the touched component outwards; inner ones win. */
function marks(touched) {
  const found = {};
  for (let element = touched; element; element = element.parentElement) {
    for (const [name, value] of Object.entries(owners.get(element)?.marks ?? {})) if (!(name in found)) found[name] = value;
  }
  return Object.keys(found).length > 0 ? { mark: JSON.parse(JSON.stringify(found)) } : {};
}
