import assert from 'node:assert/strict';
import { holds, storedFiles } from '../support/stored-bytes.mjs';

export const title = "7. Another user's answer from the gateway: gateway_identity_mismatch, nothing stored";

export async function run(world) {
  const { phone, sandbox, user, other } = world;
  await world.step('the gateway answers, rightly signed, about somebody else', async () => {
    await sandbox.setFault({ kind: 'identity_mismatch', method: 'alipay.user.info.share', as_user: other.id });
    await phone.openMember();
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.advises(/平台返回的用户信息不一致，未保存任何内容/);
    assert.match(JSON.stringify(await phone.timeline()), /gateway_identity_mismatch/);
    assert.equal(await phone.count('.member-name'), 0);
  });
  await world.step('nothing was stored, of either user', async () => {
    for (const { path, bytes } of await storedFiles(world.stateDir)) {
      for (const text of [user.nick_name, other.nick_name, other.open_id, other.user_id]) {
        assert.ok(!holds(bytes, text), `${path} holds ${text}`);
      }
    }
    await phone.tap('.read-member');
    await phone.advises(/您还不是会员/);
  });
  await world.step('with a right answer the same user becomes a member', async () => {
    await sandbox.clearFault();
    await phone.tap('.become-member');
    await phone.reads('.member-name', user.nick_name);
  });
}
