import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { Control } from '../src/control.js';
import { takeDown } from '../src/request.js';
import { snapshot } from '../src/snapshot.js';

const take = (options, call = 'httpRequest') => takeDown(call, 'https://api.shop.example/', options, new Control());
const refuses = (options, pattern, call) => {
  assert.throws(
    () => take(options, call),
    (error) => error.code === 'options_invalid' && pattern.test(error.message),
  );
};

test('a snapshot keeps what JSON would keep', () => {
  const date = new Date(0);
  const value = { a: [1, undefined, () => 1, { b: null }], c: undefined, d: Symbol('d'), e: date, ü: '😀\0' };
  assert.deepEqual(snapshot(value, 'data'), JSON.parse(JSON.stringify(value)));
});

test('getters and toJSON are called once, and later changes have no effect', () => {
  let calls = 0;
  const value = {
    get name() {
      calls += 1;
      return `name ${calls}`;
    },
    inner: {
      toJSON() {
        calls += 10;
        return ['x'];
      },
    },
    list: ['before'],
  };
  const copy = snapshot(value, 'data');
  value.list[0] = 'after';
  assert.deepEqual(copy, { name: 'name 1', inner: ['x'], list: ['before'] });
  assert.equal(calls, 11);
});

test('buffers are copied, also those of other realms', () => {
  const foreign = vm.runInNewContext('({ whole: new Uint8Array([1, 2, 3]).buffer, part: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) })');
  const copy = snapshot(foreign, 'data');
  assert.deepEqual(new Uint8Array(copy.whole), new Uint8Array([1, 2, 3]));
  assert.deepEqual(new Uint8Array(copy.part), new Uint8Array([1, 2]));
  assert.notEqual(copy.whole, foreign.whole);
});

test('values that cannot be sent are named', () => {
  const circle = {};
  circle.self = { circle };
  assert.throws(() => snapshot(circle, 'data'), /data\.self\.circle.* is nested more than 32 levels deep/);
  assert.throws(() => snapshot({ count: 1n }, 'data'), /data\.count is a BigInt/);
});

test('a field named __proto__ stays a field', () => {
  const copy = snapshot(JSON.parse('{"__proto__":{"admin":true}}'), 'data');
  assert.equal(copy.admin, undefined);
  assert.deepEqual(Object.keys(copy), ['__proto__']);
});

test('the content type is always set with a body', () => {
  const url = 'https://api.shop.example/';
  assert.deepEqual(take({ url }).headers, {});
  assert.deepEqual(take({ url, method: 'post' }).headers, { 'content-type': 'application/json' });
  for (const name of ['Content-Type', 'content-type', 'CONTENT-TYPE']) {
    const { headers } = take({ url, method: 'PUT', headers: { [name]: 'text/plain', 'X-Other': '1' } });
    assert.deepEqual(headers, { 'content-type': 'text/plain', 'X-Other': '1' }, 'once, under the name that the platform looks for');
  }
});

test('an unknown option is named, with the known ones', () => {
  const url = 'https://api.shop.example/';
  refuses(undefined, /an object with a url/);
  refuses({}, /url must be an absolute URL .* or a path below server/);
  refuses({ url: 'orders' }, /url must be an absolute URL .* or a path below server/);
  refuses({ url: '//elsewhere.example/' }, /url must be an absolute URL .* or a path below server/);
  refuses({ url, success() {} }, /no option success: it returns a promise/);
  refuses({ url, method: 'PATCH' }, /method must be one of/);
  refuses({ url, session: 'maybe' }, /session must be one of/);
  refuses({ url, timeout: 70000 }, /timeout must be a number of milliseconds/);
  refuses({ url, typed: 'data.receiver' }, /typed must be a list/);
  refuses({ url, headers: { Authorization: 'x' } }, /authorization cannot be set: miniauth adds it/);
  refuses({ url, headers: { version: '1' } }, /version cannot be set: the platform rejects it/);
  refuses({ url, headers: { count: 1 } }, /header count must be a string/);
  refuses({ url, onProgress() {} }, /no option onProgress/);
  refuses({ url, method: 'PUT' }, /no option method/, 'uploadFile');
  refuses({ url, data: {} }, /no option data/, 'downloadFile');
  refuses({ url: 'ftp://api.shop.example/' }, /connectSocket: url must be/, 'connectSocket');
});

test('each transport has its own address format and limits', () => {
  assert.equal(take({ url: '/orders' }).url, 'https://api.shop.example/orders');
  assert.equal(take({ url: 'wss://api.shop.example/chat' }, 'connectSocket').url, 'https://api.shop.example/chat');
  const upload = take({ url: '/photo', filePath: 'a', name: 'photo', timeout: 600_000 }, 'uploadFile');
  assert.deepEqual(
    [upload.method, upload.call, upload.confirm, upload.data],
    ['POST', 'uploadFile', false, { filePath: 'a', name: 'photo' }],
  );
  assert.equal(take({ url: '/photo' }, 'downloadFile').confirm, true, 'the platform does not report the status');
});
