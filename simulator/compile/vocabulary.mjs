import { platform } from '../../platform/index.mjs';

/** What this simulator takes of AXML, and what the platform has besides: from platform/components.json. */
export const { tagRules, hasTag } = platform;

const { calls, components, lifecycle } = platform;

/** `a:` directives, on every tag and on `block`. */
export const DIRECTIVES = components.directives.simulated;

export const TAG_NAMES = Object.keys(components.tags).filter((tag) => tagRules(tag));

/** The rules of a tag that this simulator lacks: it is drawn as a box with its name, which hears taps and holds what stands in it. */
export const PLACEHOLDER = { ...tagRules('view'), isPlaceholder: true };

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
 * @returns {{ app: Record<string, boolean>, page: Record<string, boolean>, events: Record<string, boolean>,
 *   mixin: Record<string, boolean>, lacking: string[], strict: boolean, navigation: NavigationFacts }} `lacking`: methods of a page
 *   that are not there
 */
export function workerFacts(strict) {
  const { App, Mixin, Page } = lifecycle;
  const simulated = (entries) => Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.simulated === true]));
  return {
    app: simulated(App.hooks),
    page: simulated({ ...Page.hooks, ...Page.keys }),
    events: simulated({ ...Page.hooks, ...Page.events }),
    mixin: simulated(Mixin.keys),
    lacking: Object.keys(Page.methods).filter((name) => !Page.methods[name].simulated),
    strict,
    navigation: {
      calls: platform.simulatedCalls().filter((name) => calls.calls[name].navigates || calls.calls[name].top),
      notFound: calls.calls.navigateTo.errors['1'].text,
      notTab: calls.calls.switchTab.not_tab,
      lowest: calls.calls.navigateBack.top,
    },
  };
}
