import assert from 'node:assert/strict';
import { checkPrivacy, losePatience } from '../support/changed-app.mjs';
import { TOKEN, MEMBER } from '../support/world.mjs';

export const title = '11. Privacy popup, left open too long: a time-out; agreed to late, the code is dropped, and the next tap works';

export async function app(appDir) {
  await checkPrivacy(appDir);
  await losePatience(appDir);
}

export async function run(world) {
  const { phone, user } = world;
  await phone.answerPrivacyMyself();
  await world.step('taps 成为会员 and looks away: the page says so, behind the popup', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.privacyPopup.waitFor();
    await phone.advises(/支付宝长时间没有响应，请再试一次/);
  });
  await world.step('comes back and agrees to all: too late for this tap, and nothing is posted', async () => {
    await phone.decidePrivacy('agree');
    await phone.decide('accept');
    await world.cost({ panels: 1, codes: 1, posts: 0, gateway: [] });
    assert.equal(await phone.count('.member-name'), 0);
  });
  await world.step('taps again', async () => {
    await phone.tap('.become-member');
    await phone.reads('.member-name', user.nick_name);
    await world.cost({ panels: 1, codes: 2, posts: 1, gateway: [TOKEN, MEMBER] });
  });
}
