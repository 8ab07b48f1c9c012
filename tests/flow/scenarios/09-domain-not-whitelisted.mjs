import assert from 'node:assert/strict';

export const title = '9. Domain not whitelisted: the platform refuses, the page says whom to turn to, the rest goes on';

export const byProfile = true;

export async function run(world) {
  const { phone } = world;
  await world.step('a request to a domain that is not on the whitelist', async () => {
    await phone.openBoundary();
    await phone.tap('.leave-whitelist');
    await phone.advises(/该域名不在小程序的白名单中，请联系小程序开发者/);
    assert.equal((await world.platformCalls('request')).length, 1, 'the library asked the platform');
  });
  await world.step("the shop's own server still answers", async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
  });
}
