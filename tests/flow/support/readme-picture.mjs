import assert from 'node:assert/strict';
import { eventually } from './wait.mjs';

/** A further run that ends with the README's picture: the stored member on the phone, with the timeline. */
export const name = 'readme';

export const title = 'The picture for the README: the stored member, and how it came there';

export const user = { nick_name: '林夏', gender: 'F', province: '浙江省', city: '杭州市' };

export async function run(world) {
  const { phone } = world;
  await world.step('becomes a member', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', world.user.nick_name);
    // Keeps the timeline in order.
    await eventually(async () => {
      const calls = (await phone.timeline()).filter(({ kind }) => kind === 'gateway-call');
      assert.equal(calls.length, 2, 'the timeline shows both gateway calls');
    });
  });
  await world.step('shows the display information too', async () => {
    await phone.tap('.show-display');
    await phone.decide('accept');
    await phone.reads('.display-name', world.user.nick_name);
  });
  await world.picture('readme.png');
}
