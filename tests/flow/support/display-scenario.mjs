import assert from 'node:assert/strict';
import { holds, storedFiles } from './stored-bytes.mjs';

/**
 * Item 4, for either generation of calls: the page shows nickname and avatar, the server gets neither.
 *
 * @param {import('./world.mjs').World} world
 */
export async function displayStaysOnThePage(world) {
  const { phone, user } = world;
  await world.step('presses 显示昵称与头像 and accepts', async () => {
    await phone.openMember();
    await phone.tap('.show-display');
    await phone.decide('accept');
    await showsDisplay(world);
    assert.equal(await world.panelCount(), 1);
  });
  await world.step('then orders, so that the server knows the user', async () => {
    await phone.back();
    await phone.openOrder();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /还不是会员/);
  });
  await world.step("the server's log and database hold neither nickname nor avatar", async () => {
    const files = await storedFiles(world.stateDir);
    const known = files.some(({ bytes }) => bytes.includes(user.open_id) || bytes.includes(user.user_id));
    assert.ok(known, 'the search must be able to find what is there');
    for (const secret of [user.nick_name, user.avatar]) {
      for (const { path, bytes } of files) assert.ok(!holds(bytes, secret), `${path} holds ${secret}`);
      assert.ok(world.serverLog.length > 0, 'the server logged something');
      assert.ok(!holds(Buffer.from(world.serverLog.join('\n')), secret), `the server's log holds ${secret}`);
    }
    world.print(`      searched ${files.length} files and ${world.serverLog.length} lines of log`);
  });
}

/** Asserts that the member page shows the user's nickname and avatar, and no error. */
export async function showsDisplay({ phone, user }) {
  await phone.reads('.display-name', user.nick_name);
  assert.ok(
    (
      await phone.screen
        .locator('.avatar-image')
        .first()
        .evaluate((node) => node.outerHTML)
    ).includes(user.avatar),
  );
  assert.equal(await phone.count('.fault'), 0);
}
