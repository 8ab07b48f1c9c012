import { shallowReactive } from 'vue';
import { record } from './timeline.mjs';
import { convertLengths } from './lengths.mjs';
import { slotName } from './slot-name.mjs';

/**
 * The compiled views by file.
 *
 * @typedef {{ render: Function, templates: Record<string, Function>, imports: string[], sjs: object, build: string }} View `build`: the
 *   build it was loaded from
 * @type {Map<string, View>}
 */
export const views = shallowReactive(new Map());

const importView = (file, build) => import(`/__simulator/views/${encodeURI(file)}.js?build=${build}`);

/** Loads views and the views whose templates they use. @param {string[]} files @param {string} build */
export async function loadViews(files, build) {
  const wanted = files.filter((file) => !views.has(file));
  const modules = await Promise.all(wanted.map((file) => importView(file, build)));
  wanted.forEach((file, index) => views.set(file, { ...modules[index], build }));
  const imported = modules.flatMap(({ imports }) => imports);
  if (imported.length > 0) await loadViews([...new Set(imported)], build);
}

/** Reloads changed views, and redraws what uses them. @param {string[]} files @param {string} build */
export async function replaceViews(files, build) {
  const loaded = await Promise.all(files.map(async (file) => [file, await importView(file, build)]));
  await loadViews(
    loaded.flatMap(([, { imports }]) => imports),
    build,
  );
  for (const [file, view] of loaded) views.set(file, { ...view, build });
}

/** Returns a key of the builds that a file's drawing depends on: another key forces a new drawing. @param {string} file */
export function drawnFrom(file) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const imported of views.get(name)?.imports ?? []) visit(imported);
  };
  visit(file);
  return [...seen].map((name) => views.get(name)?.build).join();
}

/** Notices already given: each is given once, not on every drawing. */
const said = new Set();

/** Records a notice about a page's view, once instead of on every drawing. */
export function sayOnce(message, place) {
  const key = JSON.stringify([message, place]);
  if (!said.has(key)) record('notice', { message, ...place });
  said.add(key);
}

/** Helpers that compiled AXML calls, in addition to the page's data (`$`). */
export const HELPERS = {
  $text: (...parts) => parts.map((part) => (part === undefined || part === null ? '' : String(part))).join(''),
  $list(value, file, line, column) {
    if (Array.isArray(value)) return value;
    if (value !== undefined && value !== null) sayOnce('a:for needs a list; other values show nothing', { file, line, column });
    return [];
  },
  $flag(value, name, file, line, column) {
    if (value === 'false') sayOnce(`${name} is the string "false", so it is true`, { file, line, column });
    return value;
  },
  $style: (value) => (typeof value === 'string' ? convertLengths(value) : undefined),
  $slot: slotName,
};
