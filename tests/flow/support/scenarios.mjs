import { readdir } from 'node:fs/promises';

const FOLDER = new URL('../scenarios/', import.meta.url);

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {'current' | 'legacy'} [apis]
 * @property {object} [user] fields of the test user
 * @property {boolean} [byProfile] whether other readings of the platform may make a difference to it
 * @property {string} [profile] of the platform that the scenario is about
 * @property {(appDir: string) => Promise<void>} [app] what is different about its copy of the app
 * @property {string} [home] the first page of that app
 * @property {(world: import('./world.mjs').World) => Promise<void>} run
 *
 * @returns {Promise<Scenario[]>} all scenarios, in the order of their numbers
 */
export async function loadScenarios() {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.mjs')).sort();
  return Promise.all(
    files.map(async (file) => ({ name: file.replace(/\.mjs$/, ''), ...(await import(new URL(file, FOLDER).href)) })),
  );
}
