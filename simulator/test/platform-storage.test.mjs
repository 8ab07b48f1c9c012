import assert from 'node:assert/strict';
import test from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { canIUse } from '../platform/my.mjs';
import { call, phones } from './support/phone.mjs';

const { phone } = phones();

const LONG = 'x'.repeat(200 * 1024);

test('storage: 14 for a value that is too long, 12 when full, 2 without a key', async () => {
  const asking = await phone();
  const error = async (options) => (await call(asking, 'setStorage', options))[1];
  assert.deepEqual(await error({ key: 'a', data: LONG }), { error: 14, errorMessage: 'data长度超限' });
  assert.deepEqual(await error({ key: '', data: 1 }), { error: 2, errorMessage: '必填参数为空' });
  for (let number = 0; number < 51; number += 1) asking.texts.set(`k${number}`, LONG);
  assert.deepEqual(await error({ key: 'a', data: LONG.slice(2) }), { error: 12, errorMessage: '存储总大小达到上限' });
});

test('setStorageSync returns what fail would get, or throws (storage-fail:throw)', async () => {
  const returning = await phone();
  assert.deepEqual(returning.my.setStorageSync({ key: 'a', data: LONG }), { success: false, error: 14, errorMessage: 'data长度超限' });
  assert.deepEqual(returning.my.setStorageSync({ key: 'a', data: 1 }), { success: true });
  assert.deepEqual(returning.my.getStorageSync({ key: 'a' }), { data: 1 });
  const throwing = await phone('storage-fail:throw');
  assert.throws(() => throwing.my.setStorageSync({ key: 'a', data: LONG }), { error: 14, message: 'data长度超限' });
});

test('canIUse knows calls with object, return and callback, and tags with attributes and values', () => {
  const names = facts.simulatedCalls('current');
  for (const [name, expected] of Object.entries({
    getAuthCode: true,
    reportAnalytics: false,
    'getAuthCode.return': true,
    'getAuthCode.return.authCode': true,
    'getAuthCode.callback.authErrorScopes': true,
    'getAuthCode.callback.authcode': false,
    'getAuthCode.object.scopes': true,
    'getAuthCode.object.scopes.auth_user': true,
    'getAuthCode.object.scopes.auth_all': false,
    'getAuthCode.object.success': true,
    'getAuthCode.nonsense': false,
    'httpRequest.object.url': true,
    'setStorageSync.object.key': true,
    button: true,
    'button.open-type': true,
    'button.open-type.getAuthorize': true,
    'button.open-type.nonsense': false,
    'button.onGetAuthorize': true,
    carousel: false,
    toString: false,
    '': false,
  })) {
    assert.equal(canIUse(name, names, facts), expected, name);
  }
});

test('an older generation has fewer calls and an older library version', async () => {
  const older = await phone('', 'legacy');
  assert.deepEqual(
    ['request', 'getOpenUserInfo', 'getSetting', 'createWorker'].map((name) => [older.my[name], older.my.canIUse(name)]),
    Array(4).fill([undefined, false]),
  );
  assert.ok(older.my.getSystemInfoSync().SDKVersion < '1.11');
});
