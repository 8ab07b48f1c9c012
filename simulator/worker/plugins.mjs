import { absent } from './absent.mjs';
import { runPageCode } from './report.mjs';

/** The simulator has no plugins: what page code uses of one is reported where it is used. */
export const NO_PLUGINS = 'it runs no plugins';

/**
 * The global `requirePlugin(name)`, `requirePlugin(name, loaded)` and `requirePlugin.async(name)`. That a plugin which app.json does not declare
 * throws is assumed.
 *
 * @param {string[]} declared
 */
export function createRequirePlugin(declared) {
  const find = (name) => {
    checkDeclared(name, declared);
    return absent(`requirePlugin("${name}")`, NO_PLUGINS);
  };
  const requirePlugin = (name, loaded) => {
    const plugin = find(name);
    if (typeof loaded !== 'function') return plugin;
    void Promise.resolve().then(() => runPageCode(() => loaded(plugin)));
    return undefined;
  };
  return Object.assign(requirePlugin, { async: async (name) => find(name) });
}

/** A dynamic plugin is loaded by its id, and declared nowhere. */
function checkDeclared(name, declared) {
  if (!declared.includes(name) && !String(name).startsWith('dynamic-plugin://')) throw new Error(`app.json declares no plugin "${name}"`);
}

/**
 * A page of a plugin's, by its address.
 *
 * @param {string} target
 * @param {string[]} declared
 * @returns {boolean} whether it is one
 * @throws {Error} for a plugin that is not declared
 */
export function isPluginPage(target, declared) {
  const [, isDynamic, name] = /^(dynamic-)?plugin:\/\/([^/]+)\/./.exec(target) ?? [];
  if (name !== undefined && !isDynamic) checkDeclared(name, declared);
  return name !== undefined;
}
