import { inject } from 'vue';
import { recordError } from '../timeline.mjs';

/** Injection key of the page that an element belongs to: `{ route, dispatch(method, event) }`. */
export const PAGE = Symbol('page');

/** What stands behind each element: its id, dataset and marks. */
const owners = new WeakMap();

/** Remembers an element's props; used as a function ref. */
export function ownElement(props) {
  return (element) => {
    if (element) owners.set(element, props);
  };
}

/**
 * Handing a user's acts to the page. Only the real thing counts: an event that a script made is refused, for a tap is the
 * proof of consent.
 *
 * @param {{ events?: { type: string, stops: boolean, captures: boolean, method: string }[] }} props
 */
export function useEvents(props) {
  const page = inject(PAGE);

  /**
   * @param {string} type
   * @param {Event} cause the user's own act
   * @param {object} options
   * @param {Element} options.element whose event it is
   * @param {Element} [options.touched] the one that the user touched, where the event came from further inside
   * @param {object} [options.detail] without it, the event has none
   * @param {boolean} [options.captures] whether the event is on its way down
   * @param {number} [options.time] when it happened, on the page's own clock
   * @returns {boolean} whether the page listens
   */
  return function fire(type, cause, { element, touched = element, detail, captures = false, time = cause.timeStamp }) {
    const bindings = props.events?.filter((event) => event.type === type && event.captures === captures) ?? [];
    for (const { method, stops } of bindings) {
      if (!cause.isTrusted) {
        recordError(new Error(`a ${type} that no user made was refused`), 'page');
        return true;
      }
      if (stops) cause.stopPropagation();
      page.dispatch(method, {
        type,
        timeStamp: Math.round(performance.timeOrigin + time),
        target: { ...describe(touched), dataset: datasetOf(element), targetDataset: datasetOf(touched) },
        currentTarget: { ...describe(element), dataset: datasetOf(element) },
        ...marks(touched),
        ...(detail && { detail }),
      });
    }
    return bindings.length > 0;
  };
}

/** The component that was touched: what is drawn inside it (a spinner, an `img`) is none. */
export function touchedBy(cause) {
  let element = cause.target;
  while (element && !owners.has(element)) element = element.parentElement;
  return element ?? cause.currentTarget;
}

function describe(element) {
  return { id: String(owners.get(element)?.id ?? ''), tagName: element.localName.replace(/^axml-/, '') };
}

function datasetOf(element) {
  return JSON.parse(JSON.stringify(owners.get(element)?.dataset ?? {}));
}

/** All `mark:` attributes from the touched component outwards; what is nearer wins. */
function marks(touched) {
  const found = {};
  for (let element = touched; element; element = element.parentElement)
    {for (const [name, value] of Object.entries(owners.get(element)?.marks ?? {})) if (!(name in found)) found[name] = value;}
  return Object.keys(found).length > 0 ? { mark: JSON.parse(JSON.stringify(found)) } : {};
}
