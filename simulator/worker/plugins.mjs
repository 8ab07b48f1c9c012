import { absent } from './absent.mjs';
import { runPageCode } from './report.mjs';

/** The simulator runs no plugins: if page code uses a part of one, that is reported where it is used. */
export const NO_PLUGINS = 'it runs no plugins';

/**
 * Creates the global `requirePlugin(name)`, `requirePlugin(name, loaded)` and `requirePlugin.async(name)`. Assumed: it throws if app.json does
 * not declare the plugin.
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

/** Throws if app.json does not declare the plugin. A dynamic plugin is loaded by its id and needs no declaration. */
function checkDeclared(name, declared) {
  if (!declared.includes(name) && !String(name).startsWith('dynamic-plugin://')) throw new Error(`app.json declares no plugin "${name}"`);
}

/**
 * Whether an address is that of a plugin's page.
 *
 * @param {string} target
 * @param {string[]} declared
 * @returns {boolean}
 * @throws {Error} for a plugin that is not declared
 */
export function isPluginPage(target, declared) {
  const [, isDynamic, name] = /^(dynamic-)?plugin:\/\/([^/]+)\/./.exec(target) ?? [];
  if (name !== undefined && !isDynamic) checkDeclared(name, declared);
  return name !== undefined;
}
