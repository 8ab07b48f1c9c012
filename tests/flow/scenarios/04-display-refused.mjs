import assert from 'node:assert/strict';
import { showsDisplay } from '../support/display-scenario.mjs';

export const title = '4. Display, refused with the button: the page says so and stays usable; pressed again and agreed';

export const byProfile = true;

export async function run(world) {
  const { phone } = world;
  await world.step('presses 显示昵称与头像 and refuses', async () => {
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decide('refuse');
    await phone.advises(/您已拒绝授权|您尚未同意/);
    assert.equal(await phone.count('.display-name'), 0);
    assert.equal(await world.panelCount(), 1);
  });
  await world.step('leaves, orders, and comes back: no panel comes by itself', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    await phone.back();
    await phone.openMember();
    assert.equal(await phone.consentPanel.count(), 0);
    assert.equal(await world.panelCount(), 1);
  });
  await world.step('presses again and closes the panel with the back key', async () => {
    await phone.tap('.show-display');
    await phone.decide('back');
    await phone.advises(/授权未完成|您已拒绝授权|您尚未同意/);
    assert.equal(await world.panelCount(), 2);
  });
  await world.step('presses again and accepts', async () => {
    await phone.tap('.show-display');
    await phone.decide('accept');
    await showsDisplay(world);
    assert.equal(await world.panelCount(), 3);
  });
}
