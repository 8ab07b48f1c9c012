import { nextTick } from 'vue';
import { datasetOf } from './axml/element.mjs';

/**
 * Observes elements of a page that match a selector, once pending changes are drawn.
 *
 * @param {Element} page
 * @param {any} query from page code
 * @param {(value: object) => void} hear
 * @returns {() => void} stops observing
 */
export function observe(page, { selector, thresholds, initialRatio, selectAll, dataset, relative }, hear) {
  let observer = null;
  let ended = false;
  void nextTick().then(() => {
    if (ended) return;
    const root = relative.selector ? page.querySelector(relative.selector) : page;
    const { top = 0, right = 0, bottom = 0, left = 0 } = relative.margins;
    const ratios = new WeakMap();
    const told = (entries) => {
      for (const entry of entries) {
        // The first report is the initial state: it is passed on only if it differs from `initialRatio`.
        if ((ratios.get(entry.target) ?? initialRatio) !== entry.intersectionRatio) hear(described(page, entry, dataset));
        ratios.set(entry.target, entry.intersectionRatio);
      }
    };
    observer = new IntersectionObserver(told, {
      root,
      rootMargin: [top, right, bottom, left].map((side) => `${side}px`).join(' '),
      threshold: thresholds,
    });
    const found = [...page.querySelectorAll(selector)];
    for (const element of selectAll ? found : found.slice(0, 1)) observer.observe(element);
  });
  return () => {
    ended = true;
    observer?.disconnect();
  };
}

function described(page, { intersectionRatio, intersectionRect, boundingClientRect, rootBounds, time, target }, dataset) {
  const origin = page.getBoundingClientRect();
  const place = ({ left, right, top, bottom }) => ({
    left: left - origin.left,
    right: right - origin.left,
    top: top - origin.top,
    bottom: bottom - origin.top,
  });
  return {
    intersectionRatio,
    intersectionRect: place(intersectionRect),
    boundingClientRect: place(boundingClientRect),
    relativeRect: place(rootBounds),
    time: Math.round(performance.timeOrigin + time),
    ...(dataset && { dataset: datasetOf(target) }),
  };
}
