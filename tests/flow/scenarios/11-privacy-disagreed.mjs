import assert from 'node:assert/strict';
import { checkPrivacy } from '../support/changed-app.mjs';
import { showsDisplay } from '../support/display-scenario.mjs';

export const title = '11. Privacy popup, disagreed: the page says so and stays usable; the next press asks again';

/** With `usePrivacyCheck` in app.json. */
export const app = checkPrivacy;

export async function run(world) {
  const { phone } = world;
  await phone.answerPrivacyMyself();
  for (const [what, button] of [
    ['显示昵称与头像', '.show-display'],
    ['成为会员', '.become-member'],
  ]) {
    await world.step(`${what}: disagrees`, async () => {
      if ((await phone.screen.getAttribute('data-route')) !== 'pages/member/index') await phone.openMember();
      await phone.tap(button);
      await phone.decidePrivacy('disagree');
      await phone.advises(/./);
      assert.equal(await world.panelCount(), 0, 'no consent is asked for');
    });
  }
  await world.step('goes on without', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    await phone.back();
  });
  await world.step('presses again and agrees', async () => {
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decidePrivacy('agree');
    await phone.decide('accept');
    await showsDisplay(world);
  });
}
