import assert from 'node:assert/strict';
import { showsPhone } from '../support/phone-scenario.mjs';
import { PHONE_PRODUCT } from '../support/sandbox-control.mjs';

export const title =
  '15. Phone number, the app is not set up: each of a wrong key, no signing, no AES key, no product says so; set right, the next press works';

export const byProfile = true;

/** The console's fault, and what the user reads. */
const FAULTS = [
  ['phone-wrong-key', /无法解密/],
  ['phone-no-signing', /未签名/],
  ['phone-no-aes-key', /设置不完整/],
  ['phone-no-number', /未绑定手机号/],
];

export async function run(world) {
  const { phone, sandbox } = world;
  await phone.openMember();
  let panels = 1;
  for (const [fault, chinese] of FAULTS) {
    await world.step(`${fault}: presses 授权手机号`, async () => {
      await phone.setFault(fault);
      await phone.tap('.save-phone');
      await phone.decideIfAsked('accept', panels);
      panels = world.outcome('button-authorised');
      await phone.advises(chinese);
      assert.equal(await phone.count('.phone-number'), 0);
    });
  }
  await world.step('the product is not in force', async () => {
    await phone.setFault('');
    await sandbox.setProductInForce(false, PHONE_PRODUCT);
    await phone.tap('.save-phone');
    await phone.decideIfAsked('accept', panels);
    await phone.advises(/未开通|获取会员手机号/);
    assert.equal(await phone.count('.phone-number'), 0);
  });
  await world.step('all is set right; the next press works', async () => {
    await sandbox.setProductInForce(true, PHONE_PRODUCT);
    await phone.tap('.save-phone');
    await phone.decideIfAsked('accept', panels);
    await showsPhone(world);
  });
}
