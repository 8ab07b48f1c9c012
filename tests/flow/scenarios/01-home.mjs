import assert from 'node:assert/strict';

export const title = '1. Home opens: no consent panel, and no platform call that could show one';

export async function run(world) {
  const { phone } = world;
  await world.step('home opens', async () => {
    await phone.reads('.masthead-title', '示例小店');
    assert.equal(await phone.count('.product'), 4);
    assert.equal(await phone.consentPanel.count(), 0);
    await world.cost({ panels: 0, codes: 0, posts: 0, gateway: [] });
  });
  await world.step('looks at a product and comes back', async () => {
    await phone.openOrder();
    await phone.back();
    await world.cost({ panels: 0, codes: 0, posts: 0, gateway: [] });
    for (const name of ['getAuthUserInfo', 'getOpenUserInfo']) {
      assert.equal((await world.platformCalls(name)).length, 0, name);
    }
  });
}
