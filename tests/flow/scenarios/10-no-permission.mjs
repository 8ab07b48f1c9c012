import assert from 'node:assert/strict';

export const title =
  "10. The app lacks a call (error 4): the page says so instead of blaming the user's refusal; once the app has the call, the next tap works";

export const byProfile = true;

export async function run(world) {
  const { phone, user } = world;
  await world.step('the platform permits no getAuthCode: taps 成为会员', async () => {
    await phone.setFault('no-permission:getAuthCode');
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.advises(/小程序没有使用此功能的权限，请联系小程序开发者/);
    assert.equal(await world.panelCount(), 0);
  });
  await world.step('nor getOpenUserInfo: presses 显示昵称与头像 and accepts', async () => {
    await phone.setFault('no-permission:getOpenUserInfo');
    await phone.tap('.show-display');
    await phone.decide('accept');
    await phone.advises(/小程序没有使用此功能的权限，请联系小程序开发者/);
    assert.equal(await phone.count('.display-name'), 0);
  });
  await world.step('the app is given both', async () => {
    await phone.setFault('');
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.reads('.member-name', user.nick_name);
  });
}
