import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stamp } from '../src/stamp.js';

test('the same object keeps its number and the time it was first seen', async () => {
  const event = { type: 'tap', timeStamp: 12 };
  const first = stamp(event, { purpose: '显示' });
  await new Promise((resolve) => void setTimeout(resolve, 5));
  const second = stamp(event, undefined);
  assert.deepEqual(second.event, first.event);
  assert.ok(second.calledAt > first.calledAt);
  assert.equal(first.purpose, '显示');
  assert.notEqual(stamp({ ...event }, undefined).event.object, first.event.object);
});

test('a value that is not an event gives no event stamp', () => {
  for (const nothing of [undefined, null, 'tap', 5]) assert.equal(stamp(nothing, undefined).event, undefined);
  assert.deepEqual(stamp({}, { purpose: 5 }).purpose, undefined);
  assert.equal(stamp({ timeStamp: '12' }, undefined).event.timeStamp, undefined);
});

test("a framework's wrapper is removed: two wrappers are one event, with the platform's own type and time", () => {
  const mpEvent = { type: 'getAuthorize', timeStamp: 12, detail: {} };
  const wrapped = () => ({ type: 'getauthorize', timeStamp: Date.now(), mpEvent, detail: mpEvent.detail });
  const [first, second] = [stamp(wrapped()), stamp({ mpEvent: wrapped() })];
  assert.equal(first.event.object, second.event.object);
  assert.deepEqual([first.event.kind, first.event.timeStamp], ['getAuthorize', 12]);
  const endless = { type: 'tap' };
  endless.mpEvent = endless;
  assert.equal(stamp(endless).event.kind, 'tap');
});

test("the button's failure is captured, whatever the event's type", () => {
  const failure = (event) => stamp(event).event.failure;
  assert.deepEqual(failure({ type: 'error', detail: { errorMessage: '用户取消授权', type: 'getAuthorize' } }), {
    error: undefined,
    errorMessage: '用户取消授权',
  });
  assert.deepEqual(failure({ type: 'getAuthorize', detail: { error: 11, errorMessage: '' } }), { error: 11, errorMessage: '' });
  for (const detail of [undefined, null, {}, 'text', { errorMessage: undefined }]) {
    assert.equal(failure({ type: 'getAuthorize', detail }), undefined);
  }
});

test("the button's event data is captured", () => {
  const shown = (detail) => stamp({ type: 'getUserInfo', detail }).event.shown;
  assert.deepEqual(shown({ userInfo: { nickName: '小张', avatar: 'https://a.example/1', more: 1 } }), {
    nickName: '小张',
    avatar: 'https://a.example/1',
  });
  for (const detail of [undefined, {}, { userInfo: null }, { userInfo: 'text' }]) assert.equal(shown(detail), undefined);
});
