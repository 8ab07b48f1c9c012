import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '9. Server down: the page says so; when it is back, the same session and the stored member are there';

export const byProfile = true;

export async function run(world) {
  const { phone, stack, user } = world;
  await world.step('becomes a member', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
    await phone.back();
  });
  await world.step('the server stops; orders', async () => {
    await stack.stopServer();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.advises(/网络不可用|网络超时|服务器/);
  });
  await world.step('the server is back; orders again, as the stored member, without any further authorisation', async () => {
    await stack.startServer();
    await phone.tap('.submit');
    await phone.reads('.order-customer', `下单人：${user.nick_name}`);
    await world.cost({ panels: 1, codes: 1, posts: 1, gateway: [TOKEN, MEMBER] });
  });
}
