import { shallowReactive } from 'vue';
import facts from '../platform/facts.mjs';
import { Faults } from '../platform/faults.mjs';

const query = new URLSearchParams(location.search);

/**
 * The state that the page shows. It is shallow so that the mini-program's data stays plain and can be sent to the Worker again.
 *
 * @typedef {import('../compile/manifest.mjs').WindowStyle} WindowStyle
 * @typedef {{ id: number, route: string, query: object, initial: object, data: object, window: WindowStyle & Surroundings }} OpenPage
 *   `initial`: its data before any of its code ran
 *
 * @typedef {object} Surroundings what calls have changed around a page
 * @property {{ content: string, mask: boolean } | null} [loading]
 * @property {boolean} [titleLoading]
 * @property {boolean} [refreshing] a pull to refresh is in progress
 * @property {string} [titleImage]
 * @property {number} [scrollTop] the scroll position
 * @property {string} [frontColor]
 * @property {string} [borderColor]
 * @property {string} [pullStyle]
 * @property {string} [alertBeforeUnload] what the person is asked before they go back
 */
export const state = shallowReactive({
  /** The id of the sandbox's test user. */
  user: query.get('user') ?? 'zhang-wei',
  /** The generation of `my`. */
  generation: query.get('apis') === 'legacy' ? 'legacy' : 'current',
  /** The launch parameters: a page with its own query, the app's query, and the scene. */
  start: { page: query.get('page'), query: query.get('query'), scene: query.get('scene') },
  /** The chosen profile values for questions on which sources contradict each other, once the project is known. */
  profiles: facts.defaultProfile(),
  /** Profile values that differ from the default: the phone's and the gateway's. */
  differing: [],
  /** The phone faults, as text. */
  phoneFaults: query.get('fault') ?? '',
  users: [],
  project: null,
  /** The build that runs; the newest one may have faults. */
  running: null,
  /** Faults in the sources, or why nothing can run at all. */
  faults: [],
  /** The latest error of the running mini-program, until it is dismissed. */
  error: null,
  /** The pages on the stack, and tab pages outside it. @type {OpenPage[]} */
  pages: [],
  /** The front page's id, the ids of the stack, and whether the tab bar is shown. */
  front: { page: null, stack: [], tabBar: false },
  /** The tabs. @type {{ text: string, route: string, icon?: string, activeIcon?: string, badge?: string, dot?: boolean }[]} */
  tabs: [],
  /** The tab bar's colours, and whether it is hidden. */
  tabBar: {},
  /** The requested first page, if the mini-program does not have it. */
  missingPage: null,
  /** Whether the user is on the phone's home screen. */
  background: false,
  /** The platform's open panel. */
  panel: null,
  toast: null,
  /** `my` storage: JSON texts by key. @type {Record<string, string>} */
  storage: {},
  /** The phone's files and folders, by path. @type {Map<string, import('../platform/files.mjs').File | import('../platform/files.mjs').Folder>} */
  files: new Map(),
});

/** The phone faults that are switched on. */
export const phoneFaults = new Faults();

/** @returns {OpenPage | undefined} the front page */
export function topPage() {
  return state.pages.find(({ id }) => id === state.front.page);
}

/** Restarts the mini-program, optionally with another user or generation. */
export function relaunch(changes = {}) {
  const present = { ...state.start, profile: query.get('profile'), fault: state.phoneFaults };
  const kept = Object.entries(present).filter(([, value]) => value !== null && value !== '');
  const next = new URLSearchParams({ user: state.user, apis: state.generation, ...Object.fromEntries(kept), ...changes });
  location.search = next.toString();
}

/** The key for what the phone keeps across reloads; each test user has their own. */
const key = (what) => `${what}:${state.user}`;

/** Reads `my`'s storage. @returns {Record<string, string>} */
export function storedTexts() {
  return JSON.parse(localStorage.getItem(key('storage')) ?? '{}');
}

state.storage = storedTexts();

/** @param {Record<string, string>} texts */
export function keepStorage(texts) {
  state.storage = texts;
  localStorage.setItem(key('storage'), JSON.stringify(texts));
}

/** Whether the person has agreed to the privacy contract. */
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
