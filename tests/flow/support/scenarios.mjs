import { readdir } from 'node:fs/promises';

const FOLDER = new URL('../scenarios/', import.meta.url);

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {'current' | 'legacy'} [apis]
 * @property {object} [user] fields of the test user
 * @property {boolean} [byProfile] whether other profiles may change its result
 * @property {string} [profile] the profile that the scenario is about
 * @property {(appDir: string) => Promise<void>} [app] changes its copy of the app
 * @property {string} [home] the first page of that app
 * @property {(world: import('./world.mjs').World) => Promise<void>} run
 *
 * @returns {Promise<Scenario[]>} all scenarios, in numerical order
 */
export async function loadScenarios() {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.mjs')).sort();
  return Promise.all(files.map(async (file) => ({ name: file.replace(/\.mjs$/, ''), ...(await import(new URL(file, FOLDER).href)) })));
}
