import assert from 'node:assert/strict';
import { TOKEN } from '../support/world.mjs';

export const title = '9. Server down at the login itself: the page says so, and the next try logs in';

export async function run(world) {
  const { phone, stack } = world;
  await world.step('the server is down; the first order', async () => {
    await stack.stopServer();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.advises(/网络不可用|网络超时|服务器/);
    assert.deepEqual(await world.gatewayCalls(), []);
  });
  await world.step('the server is back; the next try', async () => {
    await stack.startServer();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    assert.deepEqual(await world.gatewayCalls(), [TOKEN]);
    assert.equal(await world.panelCount(), 0);
  });
}
