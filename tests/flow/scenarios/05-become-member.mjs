import assert from 'node:assert/strict';
import { holds, storedFiles } from '../support/stored-bytes.mjs';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '5. 成为会员: one panel, one code, one exchange, one user.info.share; the stored member, intact to the byte';

export const byProfile = true;

/** Chinese, quotes, braces, a backslash, an emoji of several code points, a combining accent, and something like markup. */
export const user = { nick_name: '阿\\"}{"sign":"x 👩‍🌾 e\u0301 <b>&amp;', gender: 'F', province: '浙江省', city: '杭州市' };

/** The prefixes of the sandbox's access and refresh tokens, to recognise a leaked one. */
const TOKEN_MARKS = ['sandboxB', 'sandboxR'];

export async function run(world) {
  const { phone } = world;
  const once = { panels: 1, codes: 1, posts: 1, gateway: [TOKEN, MEMBER] };
  await world.step('taps 成为会员', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.consentPanel.waitFor();
    await world.cost({ panels: 1, codes: 1, posts: 0, gateway: [] });
  });
  await world.step('accepts', async () => {
    await phone.decide('accept');
    await phone.screen.locator('.member-name').waitFor();
    assert.deepEqual(Buffer.from(await phone.text('.member-name')), Buffer.from(world.user.nick_name));
    await world.cost(once);
  });
  await world.step('the database holds the nickname; neither it nor the log holds the code or a token', async () => {
    const [call] = await world.platformCalls('getAuthCode');
    const files = await storedFiles(world.stateDir);
    assert.ok(
      files.some(({ bytes }) => bytes.includes(world.user.nick_name)),
      'stored to the byte',
    );
    const log = Buffer.from(world.serverLog.join('\n'));
    for (const secret of [call.result.authCode, ...TOKEN_MARKS]) {
      for (const { path, bytes } of files) assert.ok(!holds(bytes, secret), `${path} holds ${secret}`);
      assert.ok(!holds(log, secret), `the server's log holds ${secret}`);
    }
    assert.ok(!holds(log, world.user.nick_name), "the server's log holds the nickname");
  });
  await world.step('orders as the stored member, without any further authorisation', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', `下单人：${world.user.nick_name}`);
    await world.cost(once);
  });
  await world.step('reads the stored member again', async () => {
    await phone.back();
    await phone.openMember();
    await phone.tap('.read-member');
    await phone.reads('.member-name', world.user.nick_name);
    assert.match(await phone.screen.locator('.row').nth(1).textContent(), /浙江省 杭州市/);
    await world.cost(once);
  });
}
