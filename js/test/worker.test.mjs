import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { copyable } from '../src/worker/copyable.js';
import { DisplayInfo } from '../src/display-info.js';
import { Line } from '../src/worker/line.js';

/** Two connected ends whose messages arrive later, as copies. */
function connected() {
  const receivers = [];
  const port = (mine, other) => ({
    postMessage: (message) => void setImmediate((copy) => receivers[other](copy), structuredClone(message)),
    onMessage: (receive) => {
      receivers[mine] = receive;
    },
  });
  return [new Line(port(0, 1)), new Line(port(1, 0))];
}

test('values that a message cannot hold are omitted, and the rest is unchanged', () => {
  const buffer = new Uint8Array([1, 2]).buffer;
  const given = { text: '\ud800\0😀', list: [1, undefined, () => {}], deep: { buffer, symbol: Symbol('s') }, call() {} };
  assert.deepEqual(structuredClone(copyable(given)), {
    text: '\ud800\0😀',
    list: [1, undefined, undefined],
    deep: { buffer, symbol: undefined },
    call: undefined,
  });
  const odd = copyable(JSON.parse('{"__proto__":{"admin":true}}'));
  assert.deepEqual(Object.keys(odd), ['__proto__']);
  assert.equal(odd.admin, undefined);
});

test('an error keeps its name, message and fields, also one of another realm', () => {
  const foreign = vm.runInNewContext('Object.assign(new RangeError("too far"), { code: 7, retry() {} })');
  assert.deepEqual(structuredClone(copyable(foreign)), { name: 'RangeError', message: 'too far', code: 7, retry: undefined });
});

test('cycles are omitted', () => {
  const cycle = {};
  cycle.self = cycle;
  assert.doesNotThrow(() => structuredClone(copyable(cycle)));
});

test('questions are asked in order and each gets its own answer', async () => {
  const [page, worker] = connected();
  const asked = [];
  worker.answers = {
    later: async (number) => {
      asked.push(number);
      await new Promise((resolve) => void setTimeout(resolve, 10 - number));
      return number * 2;
    },
  };
  assert.deepEqual(await Promise.all([1, 2, 3].map((number) => page.ask('later', number))), [2, 4, 6]);
  assert.deepEqual(asked, [1, 2, 3]);
  assert.equal(page.waiting.size, 0);
});

test('a failure arrives unchanged at the other end, as an object or an error', async () => {
  const [page, worker] = connected();
  worker.answers = {
    object: () => new Promise((_, fail) => void fail(Object.freeze({ error: 11, code: 'x' }))),
    error: () => {
      throw new TypeError('not a function');
    },
  };
  await assert.rejects(page.ask('object'), (failure) => !(failure instanceof Error) && failure.error === 11);
  await assert.rejects(page.ask('error'), (failure) => failure instanceof Error && failure.name === 'TypeError');
  await assert.rejects(page.ask('nothing of that name'), { name: 'TypeError' });
  page.tell('error');
  assert.equal(worker.waiting.size, 0);
});

test('display information shows its values only through renderTo', () => {
  const info = new DisplayInfo({ nickName: '小张', avatar: null }, '[redacted]');
  const page = {
    setData(data) {
      this.data = data;
    },
  };
  info.renderTo(page, 'user');
  assert.deepEqual(page.data, { user: { nickName: '小张', avatar: null } });
  assert.equal(JSON.stringify({ info }), '{"info":"[redacted]"}');
  assert.deepEqual(structuredClone(info), {});
});
