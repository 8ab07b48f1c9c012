import { inject } from 'vue';
import { recordError } from '../timeline.mjs';

/** Injection key of the page that an element belongs to: `{ dispatch(method, event) }`. */
export const PAGE = Symbol('page');

/** What stands behind each element: its id and dataset, for `event.target`. */
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
 * @param {{ events?: { type: string, stops: boolean, method: string }[] }} props
 */
export function useEvents(props) {
  const page = inject(PAGE);
  /**
   * @param {string} type
   * @param {Event} cause the user's own act
   * @param {object} detail
   * @param {Element} element whose event it is
   * @param {number} [time] when it happened, on the page's own clock
   */
  return function fire(type, cause, detail, element, time = cause.timeStamp) {
    const binding = props.events?.find((event) => event.type === type);
    if (!binding) return;
    if (!cause.isTrusted) {
      recordError(new Error(`a ${type} that no user made was refused`), 'page');
      return;
    }
    if (binding.stops) cause.stopPropagation();
    const origin = type === 'tap' ? nearestOwned(cause.target) : element;
    page.dispatch(binding.method, {
      type,
      timeStamp: Math.round(performance.timeOrigin + time),
      target: describe(origin),
      currentTarget: describe(element),
      detail,
    });
  };
}

function nearestOwned(node) {
  let element = node;
  while (element && !owners.has(element)) element = element.parentElement;
  return element;
}

function describe(element) {
  const { id = '', dataset = {} } = owners.get(element) ?? {};
  return { id: String(id), dataset: JSON.parse(JSON.stringify(dataset)) };
}
