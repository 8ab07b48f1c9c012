import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { takeDown } from '../src/request.js';
import { snapshot } from '../src/snapshot.js';

const refuses = (options, pattern) => {
  assert.throws(() => takeDown(options), (error) => error.code === 'options_invalid' && pattern.test(error.message));
};

test('a snapshot holds what JSON would hold', () => {
  const date = new Date(0);
  const value = { a: [1, undefined, () => 1, { b: null }], c: undefined, d: Symbol('d'), e: date, 'ü': '😀\0' };
  assert.deepEqual(snapshot(value, 'data'), JSON.parse(JSON.stringify(value)));
});

test('getters and toJSON are called once, and later changes do not reach it', () => {
  let calls = 0;
  const value = {
    get name() { calls += 1; return `name ${calls}`; },
    inner: { toJSON() { calls += 10; return ['x']; } },
    list: ['before'],
  };
  const copy = snapshot(value, 'data');
  value.list[0] = 'after';
  assert.deepEqual(copy, { name: 'name 1', inner: ['x'], list: ['before'] });
  assert.equal(calls, 11);
});

test('buffers are copied, those of other realms too', () => {
  const foreign = vm.runInNewContext('({ whole: new Uint8Array([1, 2, 3]).buffer, part: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) })');
  const copy = snapshot(foreign, 'data');
  assert.deepEqual(new Uint8Array(copy.whole), new Uint8Array([1, 2, 3]));
  assert.deepEqual(new Uint8Array(copy.part), new Uint8Array([1, 2]));
  assert.notEqual(copy.whole, foreign.whole);
});

test('what cannot be sent is named', () => {
  const circle = {};
  circle.self = { circle };
  assert.throws(() => snapshot(circle, 'data'), /data\.self\.circle.* is nested more than 32 levels deep/);
  assert.throws(() => snapshot({ count: 1n }, 'data'), /data\.count is a BigInt/);
});

test('a field called __proto__ stays a field', () => {
  const copy = snapshot(JSON.parse('{"__proto__":{"admin":true}}'), 'data');
  assert.equal(copy.admin, undefined);
  assert.deepEqual(Object.keys(copy), ['__proto__']);
});

test('the content type is always set where there is a body', () => {
  const url = 'https://api.shop.example/';
  assert.deepEqual(takeDown({ url }).headers, {});
  assert.deepEqual(takeDown({ url, method: 'post' }).headers, { 'content-type': 'application/json' });
  for (const name of ['Content-Type', 'content-type', 'CONTENT-TYPE']) {
    const { headers } = takeDown({ url, method: 'PUT', headers: { [name]: 'text/plain', 'X-Other': '1' } });
    assert.deepEqual(headers, { 'content-type': 'text/plain', 'X-Other': '1' }, 'once, under the name that the platform looks for');
  }
});

test('a wrong option is named, with what it takes', () => {
  const url = 'https://api.shop.example/';
  refuses(undefined, /an object with a url/);
  refuses({}, /url is a string/);
  refuses({ url, success() {} }, /no option success \(httpRequest returns a promise\)/);
  refuses({ url, method: 'PATCH' }, /method is one of/);
  refuses({ url, session: 'maybe' }, /session is one of/);
  refuses({ url, timeout: 70000 }, /timeout is a number of milliseconds/);
  refuses({ url, typed: 'data.receiver' }, /typed is a list/);
  refuses({ url, headers: { Authorization: 'x' } }, /no authorization/);
  refuses({ url, headers: { version: '1' } }, /no version/);
  refuses({ url, headers: { count: 1 } }, /header count is a string/);
});
