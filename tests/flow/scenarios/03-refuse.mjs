import assert from 'node:assert/strict';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '3. Member centre, refuse: the page says so and stays usable; no panel by itself; a new tap works';

export const byProfile = true;

export async function run(world) {
  const { phone } = world;
  await world.step('taps 成为会员 and refuses', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('refuse');
    await phone.advises(/您已拒绝授权，可继续使用其他功能/);
    await world.cost({ panels: 1, codes: 1, posts: 0, gateway: [] });
  });
  await world.step('leaves, orders, and comes back: no panel comes by itself', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    await phone.back();
    await phone.openMember();
    assert.equal(await phone.consentPanel.count(), 0);
    await world.cost({ panels: 1, codes: 2, posts: 1, gateway: [TOKEN] });
  });
  await world.step('taps again and closes the panel with the back key', async () => {
    await phone.tap('.become-member');
    await phone.decide('back');
    await phone.advises(/授权未完成|已拒绝授权/);
    assert.equal(await world.panelCount(), 2);
  });
  await world.step('taps again and accepts', async () => {
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', world.user.nick_name);
    assert.equal(await phone.count('.fault'), 0);
    await world.cost({ panels: 3, codes: 4, posts: 2, gateway: [TOKEN, TOKEN, MEMBER] });
  });
}
