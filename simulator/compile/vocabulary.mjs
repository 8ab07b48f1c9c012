import { platform } from '../../platform/index.mjs';

/** What this simulator takes of AXML, and what the platform has besides: from platform/components.json. */
export const { tagRules, hasTag } = platform;

const { calls, components, lifecycle } = platform;

/** `a:` directives, on every tag and on `block`. */
export const DIRECTIVES = components.directives.simulated;

/** Tags that put views together, and draw nothing themselves. */
export const STRUCTURE = components.structure.simulated;

export const TAG_NAMES = Object.keys(components.tags).filter((tag) => tagRules(tag));

/** The rules of a tag that this simulator lacks: it is drawn as a box with its name, which hears taps and holds what stands in it. */
export const PLACEHOLDER = { ...tagRules('view'), isPlaceholder: true, isUnknown: true };

/** What the authorising button takes and answers. */
export const AUTHORIZE = components.tags.button.authorize;

/** Whether the platform fires none of a type that bubbles on this tag itself. */
export function firesNone(tag, type) {
  return components.tags[tag]?.fires_none?.includes(type) ?? false;
}

/**
 * What the Worker has to know of the build and of the platform: what it calls on the app and on pages, by name, and whether this simulator does;
 * and the calls that move between pages, with the words of their failures.
 *
 * @typedef {{ calls: string[], notFound: string, notTab: string, lowest: string }} NavigationFacts
 *
 * @typedef {Record<string, boolean>} Known what the platform acts on, and whether it is simulated
 *
 * @param {{ strict: boolean, component2: boolean }} build
 * @returns {{ app: Known, page: Known, events: Known, mixin: Known, component: Known, componentHooks: string[],
 *   component2Hooks: string[], lacking: string[], strict: boolean,
 *   component2: boolean, navigation: NavigationFacts }} `lacking`: methods of a page or a component that are not there
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
