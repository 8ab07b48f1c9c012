import assert from 'node:assert/strict';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '5. A user with neither nickname nor avatar: shown as such, stored as such, and nothing to send';

export const user = { nick_name: null, avatar: null };

export async function run(world) {
  const { phone } = world;
  await world.step('becomes a member', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', '未设置昵称');
    await world.cost({ panels: 1, codes: 1, posts: 1, gateway: [TOKEN, MEMBER] });
  });
  await world.step('shows the display information', async () => {
    await phone.tap('.show-display');
    await phone.decide('accept');
    await phone.reads('.display-name', '未设置昵称');
    assert.equal(await phone.count('.avatar-image'), 0);
  });
  await world.step('has nothing to send', async () => {
    await phone.back();
    await phone.openBoundary();
    await phone.tap('.fetch-display');
    await phone.decideIfAsked('accept', world.outcome('button-authorised'));
    await phone.reads('.nameless', /没有可以尝试发送的内容/);
  });
}
