import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stamper } from '../src/stamp.js';

test('the same object keeps its number and its first sight', async () => {
  const stamper = new Stamper();
  const event = { type: 'tap', timeStamp: 12 };
  const first = stamper.stamp(event, { purpose: '显示' });
  await new Promise((resolve) => void setTimeout(resolve, 5));
  const second = stamper.stamp(event, undefined);
  assert.deepEqual(second.event, first.event);
  assert.ok(second.calledAt > first.calledAt);
  assert.equal(first.purpose, '显示');
  assert.notEqual(stamper.stamp({ ...event }, undefined).event.object, first.event.object);
});

test('what is no event gives no stamp of one', () => {
  const stamper = new Stamper();
  for (const nothing of [undefined, null, 'tap', 5]) assert.equal(stamper.stamp(nothing, undefined).event, undefined);
  assert.deepEqual(stamper.stamp({}, { purpose: 5 }).purpose, undefined);
  assert.equal(stamper.stamp({ timeStamp: '12' }, undefined).event.timeStamp, undefined);
});
