import assert from 'node:assert/strict';
import { showsDisplay } from '../support/display-scenario.mjs';

export const title = '4. Display, agreed to before: shown on the press; asked again once the user has taken the consent back';

export const byProfile = true;

export async function run(world) {
  const { phone, sandbox, user } = world;
  const again = Number(world.outcome('button-authorised'));
  await world.step('presses 显示昵称与头像 and accepts', async () => {
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decide('accept');
    await showsDisplay(world);
  });
  await world.step('closes the app, starts it again and presses', async () => {
    await phone.restart();
    await phone.openMember();
    assert.equal(await phone.count('.display-name'), 0, 'nothing was kept');
    await phone.tap('.show-display');
    await phone.decideIfAsked('accept', again);
    await showsDisplay(world);
    assert.equal(await world.panelCount(), again, 'since the start');
  });
  await world.step("withdraws the consent in the platform's settings, and presses", async () => {
    await sandbox.withdraw(user.id, 'userInfo');
    await phone.restart();
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decide('accept');
    await showsDisplay(world);
    assert.equal(await world.panelCount(), 1, 'since the start');
  });
}
