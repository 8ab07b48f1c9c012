import assert from 'node:assert/strict';
import { losePatience } from '../support/changed-app.mjs';

export const title = '11. Privacy popup, and the call never answers: a time-out of its own, and the next tap works';

export const profile = 'privacy:pending';

export const app = losePatience;

export async function run(world) {
  const { phone, user } = world;
  await phone.answerPrivacyMyself();
  await world.step('taps 成为会员 and disagrees: the platform never calls back', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decidePrivacy('disagree');
    await phone.advises(/支付宝长时间没有响应，请再试一次/);
  });
  await world.step('the page goes on: taps again and agrees', async () => {
    await phone.tap('.become-member');
    await phone.decidePrivacy('agree');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
    assert.equal(await world.panelCount(), 1);
  });
}
