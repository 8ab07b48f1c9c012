import assert from 'node:assert/strict';
import { displayStaysOnThePage } from '../support/display-scenario.mjs';

export const title = "4. Display, agreed to with the button: nickname and avatar on the page; the server's log and database hold neither";

export const byProfile = true;

export async function run(world) {
  await displayStaysOnThePage(world);
  assert.equal((await world.platformCalls('getOpenUserInfo')).length, 1);
  assert.equal((await world.platformCalls('getAuthUserInfo')).length, 0);
}
