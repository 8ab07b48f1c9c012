import { shallowReactive } from 'vue';

const query = new URLSearchParams(location.search);

/**
 * What the page shows. Shallow on purpose: the mini-program's data stays plain, so that it can go to the Worker again.
 *
 * @typedef {import('../compile/manifest.mjs').WindowStyle} WindowStyle
 * @typedef {{ id: number, route: string, depth: number, data: object, window: WindowStyle, render: Function }} OpenPage
 */
export const state = shallowReactive({
  /** The sandbox's test user, by id. */
  user: query.get('user') ?? 'zhang-wei',
  /** Which generation of `my` there is. */
  generation: query.get('apis') === 'legacy' ? 'legacy' : 'current',
  users: [],
  project: null,
  /** What is wrong with the sources, or why nothing can run at all. */
  faults: [],
  /** The newest error of the running mini-program, until it is dismissed. */
  error: null,
  /** @type {OpenPage[]} */
  pages: [],
  consent: null,
  alert: null,
  toast: null,
});

/** @returns {OpenPage | undefined} the page in front */
export function topPage() {
  return state.pages[state.pages.length - 1];
}

/** Starts again from the first page, with another user or generation if given. */
export function relaunch(changes = {}) {
  const next = new URLSearchParams({ user: state.user, apis: state.generation, ...changes });
  location.search = next.toString();
}
