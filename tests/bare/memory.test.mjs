import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareEngine } from './support/engine.mjs';
import { world } from './support/world.mjs';

const { visit, packed } = world();
const purpose = '在本页展示您的昵称与头像';
const OTHER = 'https://other.example/';

/** Makes the engine record the size in bytes of every memory that the module allocates. */
const COUNT_MEMORIES = `
  var memories = [];
  ArrayBuffer = class extends ArrayBuffer {
    constructor(size) { super(size); memories.push(size); }
  };
`;

test("values of another realm are read like the page's own", async () => {
  for (const profile of ['iOS', 'no WebAssembly']) {
    const { auth, platform } = await visit(profile);
    const info = await auth.getAuthUserInfo(await platform.authorise(), { purpose });
    const { nickName } = await new Promise((resolve) => void info.renderTo(resolve));
    // Everything that this test creates comes from a realm other than the engine's.
    const { buffer } = new TextEncoder().encode(`[${nickName}]`);
    for (const data of [buffer, new Uint8Array(buffer), { deep: [[buffer]] }, new DataView(buffer)]) {
      await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST', data }), { code: 'display_only_forwarded' });
    }
    platform.my.request = ({ success }) => success({ status: 200, data: new Uint8Array([1, 2]).buffer, headers: { a: 'b' } });
    const { data, headers } = await auth.httpRequest({ url: OTHER });
    assert.deepEqual([...new Uint8Array(data)], [1, 2]);
    assert.equal(headers.a, 'b');
  }
});

test('plain JavaScript: memory that grows in the middle of a call leaves no stale view', async () => {
  const { auth, platform, engine } = await visit('no WebAssembly');
  engine.run(COUNT_MEMORIES);
  const info = await auth.getAuthUserInfo(await platform.authorise(), { purpose });
  const { nickName } = await new Promise((resolve) => void info.renderTo(resolve));
  const sent = [];
  platform.my.request = ({ data, success }) => {
    sent.push(data.text);
    success({ status: 200, data: { echo: data.text }, headers: {} });
  };
  const [first] = engine.run('memories');
  for (let size = 1 << 16; size <= 1 << 20; size *= 4) {
    // Escapes must be decoded, so the text is copied into the module, larger each time.
    const text = `😀\0\ud800${'字%41'.repeat(size / 4)}!`;
    const { data } = await auth.httpRequest({ url: OTHER, method: 'POST', data: { text } });
    assert.equal(sent.pop(), text);
    assert.equal(data.echo, text);
    const leak = { text: text + encodeURIComponent(nickName) };
    await assert.rejects(auth.httpRequest({ url: OTHER, method: 'POST', data: leak }), {
      code: 'display_only_forwarded',
      where: 'data.text',
      encoding: 'percent',
    });
    assert.deepEqual(sent, []);
  }
  const memories = engine.run('memories');
  assert.ok(memories.length > 3 && memories.at(-1) > 4 * first, `memory grew: ${memories}`);
});

for (const [profile, host] of [
  ['iOS', 'wasm.js'],
  ['no WebAssembly', 'plain.js'],
]) {
  test(`${host}: 50,000 calls, half of which fail, leave no memory behind`, async () => {
    const engine = bareEngine(profile, packed().folder);
    const { createAuth } = engine.require(host);
    engine.run(COUNT_MEMORIES);
    let calls = 0;
    const my = {
      getAuthCode: ({ success, fail }) => {
        calls += 1;
        if (calls % 2 === 0) success({ authCode: `code-${calls}` });
        else fail({ error: 11 });
      },
    };
    const auth = createAuth({ my, server: 'https://api.shop.example' });
    const call = () => auth.getAuthCode().catch(() => {});
    const size = () => engine.memory?.buffer.byteLength ?? Math.max(...engine.run('memories'));
    for (let made = 0; made < 5000; made += 1) await call();
    const before = size();
    assert.ok(before > 0);
    for (let made = 5000; made < 50000; made += 1) await call();
    assert.equal(calls, 50000);
    assert.equal(size(), before);
  });
}
