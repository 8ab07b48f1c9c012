import assert from 'node:assert/strict';
import { displayStaysOnThePage } from '../support/display-scenario.mjs';

export const title = '4. Display, where the platform has only the older calls';

export const byProfile = true;

export const apis = 'legacy';

export async function run(world) {
  await displayStaysOnThePage(world);
  assert.equal((await world.platformCalls('getAuthUserInfo')).length, 1);
  assert.equal((await world.platformCalls('getOpenUserInfo')).length, 0);
  assert.equal((await world.platformCalls('request')).length, 0);
}
