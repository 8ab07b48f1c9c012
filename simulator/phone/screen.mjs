import { nextTick } from 'vue';
import { datasetOf, idOf } from './axml/element.mjs';
import { observe } from './intersection.mjs';
import { hideToast } from './platform/panels.mjs';
import { state, topPage } from './state.mjs';
import { tell } from './worker-link.mjs';

const pageBy = (id) => state.pages.find((page) => page.id === id);
const elementOf = (id) => document.querySelector(`[data-page="${id}"]`);

/** This phone's screen, as the platform's calls see it. @type {import('../platform/screen.mjs').ScreenPort} */
export const screen = {
  front: () => state.front.page,
  isFirst: (page) => state.front.stack[0] === page,
  read: (page) => pageBy(page)?.window ?? {},
  change(page, fields) {
    const open = pageBy(page);
    if (open) Object.assign(open.window, fields);
  },
  tabs: () => state.tabs.length,
  changeTab(index, fields) {
    state.tabs = state.tabs.map((tab, at) => (at === index ? { ...tab, ...fields } : tab));
  },
  changeTabBar(fields) {
    state.tabBar = { ...state.tabBar, ...fields };
  },
  async scroll(page, { scrollTop, selector, offsetTop = 0, duration = 0 }) {
    await nextTick();
    const element = elementOf(page);
    const wanted = scrollTop === undefined ? find(element, { selector })[0] : undefined;
    const place =
      wanted && element.scrollTop + wanted.getBoundingClientRect().top - element.getBoundingClientRect().top + Number(offsetTop);
    const top = scrollTop === undefined ? place : Number(scrollTop);
    if (top !== undefined) element.scrollTo({ top, behavior: Number(duration) > 0 ? 'smooth' : 'instant' });
  },
  pulled: (page, from) => tell({ type: 'pulled', page, from }),
  hideToast,
  hideKeyboard: () => document.activeElement?.blur(),
  /** Measures once pending changes are drawn. */
  async measure({ page = topPage()?.id, queries }) {
    await nextTick();
    const element = elementOf(page);
    return queries.map((query) => (element ? measured(element, query) : null));
  },
  observe: ({ page = topPage()?.id, ...query }, hear) => observe(elementOf(page), query, hear),
};

function measured(page, { viewport, selector, all, fields }) {
  if (viewport)
    return { ...(fields.size && { width: page.clientWidth, height: page.clientHeight }), ...(fields.scrollOffset && offsetOf(page)) };
  const found = find(page, { selector });
  if (all) return found.map((element) => measure(page, element, fields));
  return found.length > 0 ? measure(page, found[0], fields) : null;
}

/** Returns the matching elements; none for a selector that the browser rejects. */
function find(page, { selector }) {
  try {
    return [...page.querySelectorAll(selector)];
  } catch {
    return [];
  }
}

/** Measures an element, relative to the window below the title bar. */
function measure(page, element, { id, dataset, rect, size, place, scrollOffset, computedStyle = [] }) {
  const [own, window] = [element, page].map((each) => each.getBoundingClientRect());
  const [left, top] = [own.left - window.left, own.top - window.top];
  const style = getComputedStyle(element);
  return {
    ...(id && { id: idOf(element) }),
    ...(dataset && { dataset: datasetOf(element) }),
    ...(place && { x: left, y: top }),
    ...(size && { width: own.width, height: own.height }),
    ...(rect && { top, right: left + own.width, bottom: top + own.height, left }),
    ...(scrollOffset && offsetOf(element)),
    ...Object.fromEntries(computedStyle.map((name) => [name, style[name]])),
  };
}

function offsetOf({ scrollTop, scrollLeft }) {
  return { scrollTop, scrollLeft };
}
