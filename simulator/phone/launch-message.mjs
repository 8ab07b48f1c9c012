/**
 * Builds the message that makes the Worker launch the mini-program.
 *
 * @param {{ manifest: import('../compile/manifest.mjs').Manifest, handlers: object, appId: string, extConfig?: object, packaged: Record<string, string> }} project
 * @param {object} phone the phone's state
 * @param {'current' | 'legacy'} phone.generation
 * @param {{ page: string | null, query: string | null, scene: string | null }} phone.start
 * @param {Record<string, string>} phone.storage
 * @param {Map<string, object>} phone.files
 * @param {import('../../platform/reader.mjs').Profile} phone.profiles
 * @param {object[]} [phone.restore] the pages that were open before a code change, with their data
 * @param {string} phone.faults the phone faults, `name,name:call`
 */
export function launchMessage({ manifest, handlers, appId, extConfig, packaged }, { start, ...phone }) {
  return {
    type: 'launch',
    ...phone,
    routes: manifest.pages.map(({ route }) => route),
    tabs: manifest.tabs,
    plugins: Object.keys(manifest.plugins),
    workers: manifest.workers,
    decodesQuery: manifest.decodesQuery,
    appId,
    extConfig,
    packaged,
    start: { ...start, page: start.page ?? manifest.entry },
    handlers,
  };
}
