export const title = '9. Code expired: the page says so, and the next tap works';

export async function run(world) {
  const { phone, user } = world;
  await world.step('taps 成为会员 and gets a code that has expired by the time it is posted', async () => {
    await phone.openMember();
    await phone.expireNextAuthCode();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.advises(/授权码无效或已过期，请重新操作一次/);
  });
  await world.step('the next tap works', async () => {
    await phone.tap('.become-member');
    await phone.reads('.member-name', user.nick_name);
  });
}
