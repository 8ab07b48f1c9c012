import assert from 'node:assert/strict';
import { TOKEN } from '../support/world.mjs';

export const title = '2. Order: a silent login, one /auth, a session; a second order makes no further authorisation';

export const byProfile = true;

export async function run(world) {
  const { phone } = world;
  const loggedInOnce = { panels: 0, codes: 1, posts: 1, gateway: [TOKEN] };
  await world.step('the first order', async () => {
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客（还不是会员）/);
    await world.cost(loggedInOnce);
    const [code] = await world.platformCalls('getAuthCode');
    assert.match(JSON.stringify(code), /auth_base/);
    assert.equal((await world.requests('/session')).length, 1);
  });
  await world.step('a second order on the same page', async () => {
    await phone.tap('.submit');
    await phone.screen.locator('.order').nth(1).waitFor();
    await world.cost(loggedInOnce);
    assert.equal((await world.requests('/session')).length, 2);
  });
  await world.step('a third order from another visit to the page', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.screen.locator('.order').first().waitFor();
    await world.cost(loggedInOnce);
  });
}
