import assert from 'node:assert/strict';

/**
 * The gateway fails while a logged-in user becomes a member: the page gives advice, the session continues, nothing is stored, and after the
 * fault the same user's next tap works.
 *
 * @param {import('./world.mjs').World} world
 * @param {{ broken: string, breakIt: () => Promise<void>, repair: () => Promise<void>, advice: RegExp }} fault
 */
export async function survivesGatewayFault(world, { broken, breakIt, repair, advice }) {
  const { phone, user } = world;
  await world.step('logs in with an order, while all is well', async () => {
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /还不是会员/);
    await phone.back();
  });
  await world.step(`${broken}; taps 成为会员`, async () => {
    await breakIt();
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.advises(advice);
    assert.equal(await phone.count('.member-name'), 0);
  });
  await world.step('nothing was stored, and the session goes on without a new login', async () => {
    const codes = (await world.platformCalls('getAuthCode')).length;
    await phone.tap('.read-member');
    await phone.advises(/您还不是会员/);
    assert.equal((await world.platformCalls('getAuthCode')).length, codes);
  });
  await world.step('the fault is gone; the next tap works', async () => {
    await repair();
    await phone.tap('.become-member');
    await phone.reads('.member-name', user.nick_name);
    assert.equal(await phone.count('.fault'), 0);
  });
}
