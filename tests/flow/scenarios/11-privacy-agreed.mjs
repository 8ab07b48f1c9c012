import assert from 'node:assert/strict';
import { checkPrivacy } from '../support/changed-app.mjs';
import { showsDisplay } from '../support/display-scenario.mjs';

export const title = '11. Privacy popup, agreed: once, before the first panel; the waiting call goes on';

/** With `usePrivacyCheck` in app.json. */
export const app = checkPrivacy;

export async function run(world) {
  const { phone, user } = world;
  await phone.answerPrivacyMyself();
  await world.step('orders: a silent login touches nothing personal', async () => {
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    assert.equal(await phone.privacyPopup.count(), 0);
    await phone.back();
  });
  await world.step('presses 显示昵称与头像: the popup first, then the panel', async () => {
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.privacyPopup.waitFor();
    assert.equal(await phone.consentPanel.count(), 0);
    await phone.decidePrivacy('agree');
    await phone.decide('accept');
    await showsDisplay(world);
    assert.equal(await world.panelCount(), 1);
  });
  await world.step('taps 成为会员: no second popup', async () => {
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
    assert.equal(await phone.privacyPopup.count(), 0);
  });
}
