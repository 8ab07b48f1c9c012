import assert from 'node:assert/strict';
import { DISPLAY_PRODUCT } from '../support/sandbox-control.mjs';
import { showsDisplay } from '../support/display-scenario.mjs';

export const title = '9. Product 获取会员基础信息 not in force: display says so, 成为会员 works all the same';

export const byProfile = true;

export async function run(world) {
  const { phone, sandbox, user } = world;
  await world.step('the app lacks the product; presses 显示昵称与头像', async () => {
    await sandbox.setProductInForce(false, DISPLAY_PRODUCT);
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decide('accept');
    await phone.advises(/获取会员基础信息/);
    assert.equal(await phone.count('.display-name'), 0);
  });
  await world.step('becomes a member', async () => {
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
  });
  await world.step('the product is in force; the next press works', async () => {
    await sandbox.setProductInForce(true, DISPLAY_PRODUCT);
    await phone.tap('.show-display');
    await phone.decideIfAsked('accept', world.outcome('button-authorised'));
    await showsDisplay(world);
  });
}
