import { shallowReactive } from 'vue';
import facts from '../platform/facts.mjs';
import { Faults } from '../platform/faults.mjs';

const query = new URLSearchParams(location.search);

/**
 * What the page shows. Shallow on purpose: the mini-program's data stays plain, so that it can go to the Worker again.
 *
 * @typedef {import('../compile/manifest.mjs').WindowStyle} WindowStyle
 * @typedef {{ id: number, route: string, query: object, initial: object, data: object, window: WindowStyle & Surroundings }} OpenPage `initial`: its data before
 *   code of its own ran
 *
 * @typedef {object} Surroundings what calls have changed around a page
 * @property {{ content: string, mask: boolean } | null} [loading]
 * @property {boolean} [titleLoading]
 * @property {boolean} [refreshing] it was pulled down
 * @property {string} [titleImage]
 * @property {number} [scrollTop] how far the page is scrolled
 * @property {string} [frontColor]
 * @property {string} [borderColor]
 * @property {string} [pullStyle]
 */
export const state = shallowReactive({
  /** The sandbox's test user, by id. */
  user: query.get('user') ?? 'zhang-wei',
  /** Which generation of `my` there is. */
  generation: query.get('apis') === 'legacy' ? 'legacy' : 'current',
  /** How the mini-program is started: a page with its own query, a query for the app, and where the user came from. */
  start: { page: query.get('page'), query: query.get('query'), scene: query.get('scene') },
  /** The reading in force of each question about which sources contradict each other, once the project is known. */
  profiles: facts.defaultProfile(),
  /** What differs from the documents' default: the phone's part of the profiles, and the gateway's. */
  differing: [],
  /** The phone's own faults, as text. */
  phoneFaults: query.get('fault') ?? '',
  users: [],
  project: null,
  /** The last build that runs; the newest one may have faults. */
  running: null,
  /** What is wrong with the sources, or why nothing can run at all. */
  faults: [],
  /** The newest error of the running mini-program, until it is dismissed. */
  error: null,
  /** Those on the stack, and pages of the tab bar beside it. @type {OpenPage[]} */
  pages: [],
  /** The page in front, by id; those on the stack; whether it shows the tab bar. */
  front: { page: null, stack: [], tabBar: false },
  /** What stands in the tab bar. @type {{ text: string, route: string, icon?: string, activeIcon?: string, badge?: string, dot?: boolean }[]} */
  tabs: [],
  /** The colours of the tab bar, and whether it is hidden. */
  tabBar: {},
  /** The page that the mini-program was started with, where it has no such page. */
  missingPage: null,
  /** Whether the user left the mini-program for the phone's home screen. */
  background: false,
  /** The platform's panel that waits for the person. */
  panel: null,
  toast: null,
  /** `my` storage: JSON texts by key. @type {Record<string, string>} */
  storage: {},
});

/** What can go wrong on this phone, as far as it is switched on. */
export const phoneFaults = new Faults();

/** @returns {OpenPage | undefined} the page in front */
export function topPage() {
  return state.pages.find(({ id }) => id === state.front.page);
}

/** Starts again, with another user or generation if given. */
export function relaunch(changes = {}) {
  const present = { ...state.start, profile: query.get('profile'), fault: state.phoneFaults };
  const kept = Object.entries(present).filter(([, value]) => value !== null && value !== '');
  const next = new URLSearchParams({ user: state.user, apis: state.generation, ...Object.fromEntries(kept), ...changes });
  location.search = next.toString();
}

/** What the phone keeps across reloads: one record per test user, as each would have a phone of their own. */
const key = (what) => `${what}:${state.user}`;

/** `my` storage. @returns {Record<string, string>} */
export function storedTexts() {
  return JSON.parse(localStorage.getItem(key('storage')) ?? '{}');
}

state.storage = storedTexts();

/** @param {Record<string, string>} texts */
export function keepStorage(texts) {
  state.storage = texts;
  localStorage.setItem(key('storage'), JSON.stringify(texts));
}

/** Whether the person has agreed to the app's privacy contract. */
export function hasAgreed() {
  return localStorage.getItem(key('privacy')) === 'agreed';
}

export function keepAgreed(agreed) {
  if (agreed) localStorage.setItem(key('privacy'), 'agreed');
  else localStorage.removeItem(key('privacy'));
}

export function clearStorage() {
  localStorage.removeItem(key('storage'));
  localStorage.removeItem(key('privacy'));
}
