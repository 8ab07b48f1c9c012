import assert from 'node:assert/strict';
import { eventually } from '../support/wait.mjs';

export const title = '8. authorize and getAuthUserInfo without a tap, with an old tap, twice with one tap: refused with a reason';

export const byProfile = true;

/** A kept tap is used after 6 s; the limit is 5 s. */
const AGED = { timeoutMilliseconds: 15_000 };

export async function run(world) {
  const { phone } = world;
  await phone.openTap();

  const choose = (operation, choice) =>
    phone.screen
      .locator('.card', { hasText: `${operation}：` })
      .locator(choice)
      .click();
  const outcome = (index) => phone.screen.locator('.outcome').nth(index);
  const reads = async (index, code, advice) => {
    await eventually(async () => {
      assert.equal(await outcome(index).locator('.outcome-code').textContent({ timeout: 1_000 }), code);
    });
    assert.match(await outcome(index).locator('.outcome-zh').textContent(), advice);
  };

  // The result of the first of two uses, by the number of panels when the person refuses.
  const first = [
    ['authorize_button_required', /请点击授权按钮/],
    ['consent_refused', /已拒绝授权/],
  ];
  const panelsOf = { authorize: 1, getAuthUserInfo: Number(world.outcome('open-user-info-asks')) };

  for (const operation of ['authorize', 'getAuthUserInfo']) {
    await world.step(`${operation} without a tap`, async () => {
      const panels = await world.panelCount();
      await choose(operation, '.without-tap');
      await reads(0, 'tap_required', /请点击按钮后再授权/);
      assert.equal(await world.panelCount(), panels);
    });
    await world.step(`${operation} with an old tap`, async () => {
      const panels = await world.panelCount();
      await phone.tap('.keep-tap');
      await phone.reads('.tap-state', /已记住/);
      await phone.reads('.tap-state', /已超过 5 秒/, AGED);
      await choose(operation, '.with-old-tap');
      await reads(0, 'tap_stale', /操作已超时/);
      assert.equal(await world.panelCount(), panels);
    });
    await world.step(`${operation} twice with one tap`, async () => {
      const panels = await world.panelCount();
      await choose(operation, '.twice-with-one-tap');
      await phone.decideIfAsked('refuse', panelsOf[operation]);
      await reads(0, ...first[panelsOf[operation]]);
      await reads(1, 'tap_used', /请再点击一次/);
      assert.equal(await world.panelCount(), panels + panelsOf[operation]);
    });
  }
  assert.equal((await world.gatewayCalls()).length, 0);
}
