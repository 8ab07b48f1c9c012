import assert from 'node:assert/strict';
import { eventually } from '../support/wait.mjs';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '14. 取消授权: the platform tells the server, which ends session and member; the next request logs in again';

/** What each timeline entry since the withdrawal says about it. */
function way(entries) {
  const from = entries.findIndex(({ kind }) => kind === 'revocation');
  return entries.slice(from).flatMap((entry) => {
    if (entry.kind === 'revocation') return [`${entry.user} takes it back: ${entry.outcome}`];
    if (entry.kind === 'message') return [`${entry.method}: ${entry.status} ${entry.answer}`];
    if (entry.kind === 'request') return [`${entry.method} ${new URL(entry.url).pathname}: ${entry.status}`];
    return [];
  });
}

export async function run(world) {
  const { phone } = world;
  await world.step('becomes a member', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', world.user.nick_name);
    await world.cost({ panels: 1, codes: 1, posts: 1, gateway: [TOKEN, MEMBER] });
  });
  await world.step("withdraws the consent in the platform's settings", async () => {
    await phone.page.click('[data-action=revoke-consent]');
    await eventually(async () => {
      assert.deepEqual(way(await phone.timeline()), [
        `${world.user.id} takes it back: done`,
        'alipay.open.auth.userauth.cancelled: 200 success',
      ]);
    });
  });
  await world.step('orders: the session has ended, and a silent login follows by itself', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客（还不是会员）/);
    await world.cost({ panels: 1, codes: 2, posts: 2, gateway: [TOKEN, MEMBER, TOKEN] });
    assert.deepEqual(way(await phone.timeline()).slice(2), ['GET /session: 401', 'POST /auth: 200', 'GET /session: 200']);
  });
}
