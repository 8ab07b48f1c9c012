import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = "12. The old tutorial's own way: auth_user, getAuthUserInfo; POST /auth, exchange, share; the result on the page";

export const byProfile = true;

/** A nickname that is hard to transport. */
export const user = { nick_name: '阿\\"}{ 👩‍🌾 <b>&amp;', avatar: 'https://avatars.shop.example/tutorial.png' };

export const apis = 'legacy';

export const home = 'pages/index/index';

/** Not the example, but an app without the package, as in the tutorial. */
export async function app(appDir) {
  await rm(appDir, { recursive: true });
  await cp(fileURLToPath(new URL('../tutorial', import.meta.url)), appDir, { recursive: true });
}

export async function run(world) {
  const { phone } = world;
  await world.step('taps 展示 and agrees: nickname and avatar, from the phone alone', async () => {
    await phone.tap('.show');
    await phone.decide('accept');
    await phone.reads('.nick-name', world.user.nick_name);
    const calls = (await phone.timeline()).filter(({ kind }) => kind === 'platform-call').map(({ name }) => name);
    assert.deepEqual(calls, ['getAuthCode', 'getAuthUserInfo']);
    await world.cost({ panels: 1, codes: 1, posts: 0, gateway: [] });
  });
  await world.step('taps 保存: a code, one POST of a form, one exchange, one user.info.share, and the stored member', async () => {
    await phone.tap('.save');
    await phone.reads('.saved-name', world.user.nick_name);
    await world.cost({ panels: 1, codes: 2, posts: 1, gateway: [TOKEN, MEMBER] });
    const [request] = await world.requests('/auth');
    assert.equal(request.method, 'POST');
    assert.equal(await phone.count('.failed'), 0);
  });
  await world.step('a code that was posted is worth nothing to who posts it again', async () => {
    const [, call] = await world.platformCalls('getAuthCode');
    const answer = await fetch(`${world.stack.urls.server}/auth`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ authcode: call.result.authCode, scope: 'auth_user' }),
    });
    assert.deepEqual([answer.status, (await answer.json()).code], [409, 'code_used']);
  });
}
