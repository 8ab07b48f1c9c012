import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const title = '11. Privacy popup, and the call never answers: a time-out of its own, and the next tap works';

export const profile = 'privacy:pending';

/** The same shop, less patient with panels, so that nobody has to wait for two minutes. */
export async function app(appDir) {
  const file = join(appDir, 'auth.js');
  const text = await readFile(file, 'utf8');
  const impatient = text.replace('server: SERVER,', 'server: SERVER,\n  panelTimeout: 3000,');
  assert.notEqual(impatient, text);
  await writeFile(file, impatient);
}

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
