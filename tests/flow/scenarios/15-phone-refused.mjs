import assert from 'node:assert/strict';
import { showsPhone } from '../support/phone-scenario.mjs';

export const title =
  '15. Phone number, refused: the page says so and stays usable; nothing is asked of the server; pressed again and agreed';

export const byProfile = true;

export async function run(world) {
  const { phone, user: person } = world;
  await world.step('presses 授权手机号 and refuses', async () => {
    await phone.openMember();
    await phone.tap('.save-phone');
    await phone.decide('refuse');
    await phone.advises(/您已拒绝授权|您尚未同意/);
    assert.equal(await phone.count('.phone-number'), 0);
    await world.cost({ panels: 1, codes: 0, posts: 0, gateway: [] });
  });
  await world.step('closes the panel with the back key', async () => {
    await phone.tap('.save-phone');
    await phone.decide('back');
    await phone.advises(/授权未完成|您已拒绝授权|您尚未同意/);
    assert.deepEqual(await world.requests('/phone'), []);
  });
  await world.step('becomes a member all the same', async () => {
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', person.nick_name);
  });
  await world.step('presses again and accepts', async () => {
    await phone.tap('.save-phone');
    await phone.decide('accept');
    await showsPhone(world);
  });
}
