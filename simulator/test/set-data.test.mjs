import assert from 'node:assert/strict';
import test from 'node:test';
import { parsePath, setPath } from '../worker/set-data.mjs';

test('paths', () => {
  assert.deepEqual(parsePath('a'), ['a']);
  assert.deepEqual(parsePath('a.b.c'), ['a', 'b', 'c']);
  assert.deepEqual(parsePath('list[0]'), ['list', 0]);
  assert.deepEqual(parsePath('list[12][3].name.x'), ['list', 12, 3, 'name', 'x']);
  assert.deepEqual(parsePath('a-b.订单'), ['a-b', '订单']);
  assert.deepEqual(parsePath('root.cn.[0].cn.[12].v'), ['root', 'cn', 0, 'cn', 12, 'v'], 'as Taro writes them');
});

test('invalid paths are rejected', () => {
  for (const path of [
    '',
    '.a',
    '.[0]',
    'a..[0]',
    'a.',
    'a..b',
    'a[',
    'a[]',
    'a[x]',
    'a]b',
    '[0]',
    'a[0]b',
    '__proto__.x',
    'a.__proto__.x',
  ]) {
    assert.throws(() => parsePath(path), TypeError, path);
  }
});

test('values are set deep inside, and only there', () => {
  const data = { a: { b: [{ c: 1, d: 2 }] }, e: 1 };
  assert.equal(setPath(data, 'a.b[0].c', 9), 'a');
  assert.deepEqual(data, { a: { b: [{ c: 9, d: 2 }] }, e: 1 });
});

test('missing parents are created: lists for indexes, objects for names', () => {
  const data = {};
  setPath(data, 'a.b[1].c', 1);
  assert.equal(JSON.stringify(data), '{"a":{"b":[null,{"c":1}]}}');
  setPath(data, 'a.b.length', 0);
  assert.deepEqual(data, { a: { b: [] } });
  setPath(data, 'a', null);
  setPath(data, 'a.x', 1);
  assert.deepEqual(data, { a: { x: 1 } });
});
