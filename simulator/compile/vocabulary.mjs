import { platform } from '../../platform/index.mjs';

/** What this simulator takes of AXML, and what the platform has besides: from platform/components.json. */
export const { tagRules, hasTag } = platform;

const { components, lifecycle } = platform;

/** `a:` directives, on every tag and on `block`. */
export const DIRECTIVES = components.directives.simulated;

export const TAG_NAMES = Object.keys(components.tags).filter((tag) => tagRules(tag));

/** What the authorising button takes and answers. */
export const AUTHORIZE = components.tags.button.authorize;

/** Whether the platform fires none of a type that bubbles on this tag itself. */
export function firesNone(tag, type) {
  return components.tags[tag].fires_none?.includes(type) ?? false;
}

/**
 * What the platform calls on the app and on pages, by name, and whether this simulator does: for the Worker.
 *
 * @returns {{ app: Record<string, boolean>, page: Record<string, boolean>, events: Record<string, boolean>, lacking: string[] }}
 *   `lacking`: methods of a page that are not there
 */
export function lifeCycle() {
  const { App, Page } = lifecycle;
  const simulated = (entries) => Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.simulated === true]));
  return {
    app: simulated(App.hooks),
    page: simulated({ ...Page.hooks, ...Page.keys }),
    events: simulated({ ...Page.hooks, ...Page.events }),
    lacking: Object.keys(Page.methods).filter((name) => !Page.methods[name].simulated),
  };
}
