import assert from 'node:assert/strict';
import { showsDisplay } from '../support/display-scenario.mjs';
import { eventually } from '../support/wait.mjs';

export const title = '5. Two consents: each of 显示昵称与头像 and 成为会员 asks for its own, regardless of the other';

export const byProfile = true;

export async function run(world) {
  const { phone, user } = world;
  await world.step('becomes a member', async () => {
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
  });
  await world.step('refuses to show nickname and avatar: the member stays', async () => {
    await phone.tap('.show-display');
    await phone.decide('refuse');
    await phone.advises(/您已拒绝授权|您尚未同意/);
    assert.equal(await phone.text('.member-name'), user.nick_name);
    assert.equal(await world.panelCount(), 2);
  });
  await world.step('reads the member again, without any further panel', async () => {
    await phone.tap('.read-member');
    // The member was already shown, and the advice disappears with the press: only the request's answer shows the result.
    const answers = async () => (await world.requests('/member')).map(({ status }) => status);
    await eventually(async () => assert.deepEqual(await answers(), [200]));
    await phone.screen.locator('.read-member:not([disabled])').waitFor();
    assert.equal(await phone.text('.member-name'), user.nick_name);
    assert.equal(await world.panelCount(), 2);
  });
  await world.step('agrees to nickname and avatar too', async () => {
    await phone.tap('.show-display');
    await phone.decide('accept');
    await showsDisplay(world);
    assert.equal(await world.panelCount(), 3);
  });
}
