import assert from 'node:assert/strict';
import { anotherHasNumber, masked } from '../support/phone-scenario.mjs';

export const title = '15. Phone number that another customer has: shown, said to be shared, and nobody is merged';

export async function run(world) {
  const { phone, user: person } = world;
  await world.step('another customer has given the number before; presses 授权手机号 and accepts', async () => {
    await anotherHasNumber(world);
    await phone.openMember();
    await phone.tap('.save-phone');
    await phone.decide('accept');
    await phone.reads('.phone-number', masked(person.mobile));
    await phone.reads('.phone-shared', /其他顾客/);
    assert.equal(await phone.count('.fault'), 0);
  });
  await world.step('becomes a member: under the own name', async () => {
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', person.nick_name);
    await phone.reads('.phone-shared', /其他顾客/);
  });
}
