import { platform } from '../../platform/index.mjs';

/** The simulated part of AXML, and what else the platform has: from platform/components.json. */
export const { tagRules, hasTag } = platform;

const { calls, components, lifecycle } = platform;

/** `a:` directives, on every tag and on `block`. */
export const DIRECTIVES = components.directives.simulated;

/** Tags that compose views and draw nothing themselves. */
export const STRUCTURE = components.structure.simulated;

export const TAG_NAMES = Object.keys(components.tags).filter((tag) => tagRules(tag));

/** The rules for a tag that this simulator lacks: it is drawn as a box with its name, which handles taps and shows its content. */
export const PLACEHOLDER = { ...tagRules('view'), isPlaceholder: true, isUnknown: true };

/** The scopes and events of the authorising button. */
export const AUTHORIZE = components.tags.button.authorize;

/** Whether the platform never fires a bubbling event type on this tag itself. */
export function firesNone(tag, type) {
  return components.tags[tag]?.fires_none?.includes(type) ?? false;
}

/**
 * Returns the facts that the Worker needs: the hooks of the app and of pages and whether they are simulated, and the navigation calls with
 * their error texts.
 *
 * @typedef {{ calls: string[], notFound: string, notTab: string, lowest: string }} NavigationFacts
 *
 * @typedef {Record<string, boolean>} Known names that the platform acts on, and whether they are simulated
 *
 * @param {{ strict: boolean, component2: boolean }} build
 * @returns {{ app: Known, page: Known, events: Known, mixin: Known, component: Known, componentHooks: string[],
 *   component2Hooks: string[], lacking: string[], strict: boolean,
 *   component2: boolean, navigation: NavigationFacts }} `lacking`: methods of pages and components that the simulator lacks
 */
export function workerFacts({ strict, component2 }) {
  const { App, Component, Mixin, Page } = lifecycle;
  const simulated = (entries) => Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.simulated === true]));
  const methods = { ...Page.methods, ...Component.methods };
  return {
    app: simulated(App.hooks),
    page: simulated({ ...Page.hooks, ...Page.keys }),
    events: simulated({ ...Page.hooks, ...Page.events }),
    mixin: simulated(Mixin.keys),
    component: simulated({ ...Component.hooks, ...Component.keys }),
    componentHooks: Object.keys(Component.hooks).filter((name) => !Component.hooks[name].lifetime),
    component2Hooks: Object.keys(Component.hooks).filter((name) => Component.hooks[name].component2),
    lacking: Object.keys(methods).filter((name) => !methods[name].simulated),
    strict,
    component2,
    navigation: {
      calls: platform.simulatedCalls().filter((name) => calls.calls[name].navigates || calls.calls[name].top),
      notFound: calls.calls.navigateTo.errors['1'].text,
      notTab: calls.calls.switchTab.not_tab,
      lowest: calls.calls.navigateBack.top,
    },
  };
}
