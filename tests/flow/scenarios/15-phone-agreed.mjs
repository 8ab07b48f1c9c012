import assert from 'node:assert/strict';
import { holdsNoNumber, showsPhone } from '../support/phone-scenario.mjs';
import { eventually } from '../support/wait.mjs';
import { TOKEN } from '../support/world.mjs';

export const title = '15. Phone number, agreed to: shown masked; neither page nor log nor database holds it in clear';

export const byProfile = true;

export async function run(world) {
  const { phone } = world;
  await world.step('presses 授权手机号 and accepts', async () => {
    await phone.openMember();
    await phone.tap('.save-phone');
    await phone.decide('accept');
    await showsPhone(world);
    assert.equal(await phone.count('.phone-shared'), 0);
    assert.equal(await phone.text('.save-phone'), '更新手机号');
    // The number costs a login and no further gateway call.
    await world.cost({ panels: 1, codes: 1, posts: 1, gateway: [TOKEN] });
  });
  await world.step('presses again: the consent holds', async () => {
    await phone.tap('.save-phone');
    await phone.decideIfAsked('accept', world.outcome('button-authorised'));
    // The number was already shown: only the request's answer shows the result.
    await eventually(async () =>
      assert.deepEqual(
        (await world.requests('/phone')).map(({ status }) => status),
        [200, 200],
      ),
    );
    await showsPhone(world);
  });
  await world.step("neither what the page saw nor the server's log and database hold the number", async () => {
    await holdsNoNumber(world);
  });
  await world.step('logs out: the page shows it no more', async () => {
    await phone.tap('.logout');
    await phone.reads('.save-phone', '授权手机号');
    assert.equal(await phone.count('.phone-number'), 0);
  });
}
