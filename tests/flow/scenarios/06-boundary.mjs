import assert from 'node:assert/strict';
import { requests } from '../support/timeline.mjs';

export const title = '6. 越界: seven ways to send display information, each refused before the platform\'s call';

/** The page's seven ways, and where the library must say that it found the value. */
const WAYS = [
  ['原样放进请求体', /data\.nickName/],
  ['藏在嵌套的对象里', /data\.order\.people\[0\]\.picture/],
  ['写进 JSON 字符串', /data\.payload/],
  ['百分号编码', /data\.note/],
  ['Base64 编码', /data\.blob/],
  ['拼进网址', /url/],
  ['放进请求头', /headers\.x-picture/],
];

export async function run(world) {
  const { phone } = world;
  await world.step('gets nickname and avatar for display', async () => {
    await phone.openBoundary();
    await phone.tap('.fetch-display');
    await phone.decide('accept');
    await phone.reads('.fetch-display', /已取得/);
  });
  await world.step('tries to send them in seven ways', async () => {
    const before = requests(await phone.timeline()).length;
    await phone.tap('.try-all');
    await phone.screen.locator('.outcome').nth(WAYS.length - 1).waitFor();
    for (const [index, [name, where]] of WAYS.entries()) {
      const outcome = phone.screen.locator('.outcome').nth(index);
      assert.equal(await outcome.locator('.outcome-name').textContent(), name);
      assert.equal(await outcome.locator('.outcome-mark').textContent(), '已拒绝', name);
      assert.match(await outcome.locator('.outcome-where').textContent(), where, name);
    }
    assert.equal(await phone.count('.outcome'), WAYS.length);
    await phone.advises(/昵称和头像仅用于页面展示，不能发送或保存/);
    assert.equal(requests(await phone.timeline()).length, before, 'no request was made');
  });
}
