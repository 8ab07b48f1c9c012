import assert from 'node:assert/strict';
import { requests } from './timeline.mjs';

/** The page's seven ways, and where the library must report the value. */
const WAYS = [
  ['原样放进请求体', 'data.nickName'],
  ['藏在嵌套的对象里', 'data.order.people[0].picture'],
  ['写进 JSON 字符串', 'data.payload'],
  ['百分号编码', 'data.nick'],
  ['Base64 编码', 'data.userInfo'],
  ['拼进网址', 'url'],
  ['放进请求头', 'headers.x-picture'],
];

/**
 * Item 6, for any nickname: each way is rejected with the place of the value, and no call is made.
 *
 * @param {import('./world.mjs').World} world
 */
export async function nothingCrossesTheBoundary(world) {
  const { phone } = world;
  await world.step('gets nickname and avatar for display', async () => {
    await phone.openBoundary();
    await phone.tap('.fetch-display');
    await phone.decide('accept');
    await phone.reads('.fetch-display', /已获取/);
  });
  await world.step('tries to send them in seven ways', async () => {
    await phone.tap('.try-all');
    await phone.screen
      .locator('.outcome')
      .nth(WAYS.length - 1)
      .waitFor();
    for (const [index, [name, where]] of WAYS.entries()) {
      const outcome = phone.screen.locator('.outcome').nth(index);
      assert.equal(await outcome.locator('.outcome-name').textContent(), name);
      assert.equal(await outcome.locator('.outcome-mark').textContent(), '已拒绝', name);
      const found = await outcome.locator('.outcome-where').textContent();
      assert.ok(found.startsWith(`发现于 ${where}（`), `${name}: ${found}`);
    }
    assert.equal(await phone.count('.outcome'), WAYS.length);
    await phone.advises(/昵称和头像仅用于页面展示，不能发送或保存/);
    for (const call of ['request', 'httpRequest']) assert.equal((await world.platformCalls(call)).length, 0, call);
    assert.equal(requests(await phone.timeline()).length, 0, 'no request was made');
  });
}
