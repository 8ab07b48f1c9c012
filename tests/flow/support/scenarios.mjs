import { readdir } from 'node:fs/promises';

const FOLDER = new URL('../scenarios/', import.meta.url);

/**
 * @typedef {{ name: string, title: string, apis?: 'current' | 'legacy', run(world: import('./world.mjs').World): Promise<void> }} Scenario
 * @returns {Promise<Scenario[]>} all scenarios, in the order of their numbers
 */
export async function loadScenarios() {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.mjs')).sort();
  return Promise.all(
    files.map(async (file) => ({ name: file.replace(/\.mjs$/, ''), ...(await import(new URL(file, FOLDER).href)) })),
  );
}
