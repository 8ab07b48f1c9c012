// The official Node SDK, with response validation on, against the sandbox.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { AlipaySdk } from 'alipay-sdk';

import { Sandbox, miniauth, temporaryFolder } from './support.mjs';

const validated = { validateSign: true };

/** The SDK in key mode and in certificate mode. */
function clients({ config }) {
  const common = {
    appId: config.app_id,
    privateKey: config.app_private_key,
    keyType: 'PKCS8',
    gateway: config.gateway,
    endpoint: new URL(config.gateway).origin,
    encryptKey: config.content_key,
  };
  return {
    keys: new AlipaySdk({ ...common, alipayPublicKey: config.alipay_public_key }),
    certificates: new AlipaySdk({
      ...common,
      appCertContent: config.app_certificate,
      alipayPublicCertContent: config.alipay_certificate,
      alipayRootCertContent: config.alipay_root_certificates,
    }),
  };
}

test('exchange, refresh and user information, in both modes of keys', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t), ['--profile', 'ids:both']);
  for (const [mode, sdk] of Object.entries(clients(sandbox))) {
    for (const id of ['zhang-wei', 'emoji', 'nameless']) {
      const user = await sandbox.user(id);
      const grant = { grantType: 'authorization_code', code: await sandbox.code(id) };
      const tokens = await sdk.exec('alipay.system.oauth.token', grant, validated);
      assert.equal(tokens.openId, user.open_id, mode);
      assert.match(tokens.traceId, /^[0-9a-f]{32}$/);

      const refresh = { grantType: 'refresh_token', refreshToken: tokens.refreshToken };
      const renewed = await sdk.exec('alipay.system.oauth.token', refresh, validated);
      assert.notEqual(renewed.accessToken, tokens.accessToken);
      assert.equal(renewed.userId, user.user_id);

      const member = await sdk.exec('alipay.user.info.share', { authToken: renewed.accessToken }, validated);
      assert.equal(member.code, '10000');
      assert.equal(member.nickName ?? null, user.nick_name);
      assert.equal(member.avatar ?? null, user.avatar);
    }
  }
});

test('OpenAPI v3: exchange, refresh and user information, in both modes of keys', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t), ['--profile', 'ids:both']);
  for (const [mode, sdk] of Object.entries(clients(sandbox))) {
    const token = async (body) => (await sdk.curl('POST', '/v3/alipay/system/oauth/token', { body })).data;
    for (const id of ['zhang-wei', 'emoji', 'nameless']) {
      const user = await sandbox.user(id);
      const tokens = await token({ grant_type: 'authorization_code', code: await sandbox.code(id) });
      assert.equal(tokens.open_id, user.open_id, mode);
      const renewed = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
      assert.notEqual(renewed.access_token, tokens.access_token);
      const query = { auth_token: renewed.access_token };
      const { data: member, traceId } = await sdk.curl('POST', '/v3/alipay/user/info/share', { query });
      assert.equal(member.nick_name ?? null, user.nick_name);
      assert.equal(member.avatar ?? null, user.avatar);
      assert.match(traceId, /^[0-9a-f]{32}$/);
    }
  }
});

test('OpenAPI v3: the SDK finds out a wrong signature, and reads a refusal', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t));
  const { keys: sdk } = clients(sandbox);
  const token = '/v3/alipay/system/oauth/token';
  const exchange = (code) => sdk.curl('POST', token, { body: { grant_type: 'authorization_code', code } });
  await sandbox.control('PUT', 'fault', { kind: 'wrong_signature' });
  await assert.rejects(exchange(await sandbox.code('li-na')), { code: 'response-signature-verify-error' });
  await sandbox.control('PUT', 'fault', { kind: 'none' });
  const code = await sandbox.code('li-na');
  await exchange(code);
  const strangers = sdk.curl('POST', '/v3/alipay/user/info/share', { query: { auth_token: 'made-up' } });
  // The platform's answer in the SDK's own tests.
  await assert.rejects(strangers, { code: 'invalid-auth-token', responseHttpStatus: 401 });
  await assert.rejects(exchange(code), { code: 'code-invalid', responseHttpStatus: 400 });
});

test('revocations and consents, as the SDK and its own tests ask for them', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t), ['--profile', 'ids:both']);
  const user = await sandbox.user('li-na');
  await sandbox.code('li-na');
  await sandbox.control('DELETE', 'consent?user=li-na');
  const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
  const relationship = '/v3/alipay/open/auth/userauth/relationship/query';
  for (const [mode, sdk] of Object.entries(clients(sandbox))) {
    const list = (body) => sdk.curl('POST', '/v3/alipay/user/deloauth/detail/query', { body });
    // The call that the SDK's README uses to check a configuration.
    const { data: none, responseHttpStatus: status } = await list({ date: '20230102', offset: 20, limit: 1 });
    assert.deepEqual([status, none], [200, {}], mode);
    const {
      data: {
        details: [revocation, ...others],
      },
    } = await list({ date, offset: 1, limit: 20 });
    assert.deepEqual([revocation.user_id, revocation.open_id, others], [user.user_id, user.open_id, []]);
    const page = await sdk.exec('alipay.user.deloauth.detail.query', { bizContent: { date, offset: 1, limit: 20 } }, validated);
    assert.equal(page.response.details[0].openId, user.open_id);

    const { data } = await sdk.curl('GET', relationship, { query: { scopes: 'auth_user,auth_base', open_id: user.open_id } });
    assert.deepEqual(JSON.parse(data.query_detail), { auth_base: false, auth_user: false });
    const stranger = { scopes: 'auth_user', open_id: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5' };
    // The platform's answer in the SDK's own tests.
    await assert.rejects(sdk.curl('GET', relationship, { query: stranger }), { code: 'app-openid-not-match', responseHttpStatus: 400 });
  }
});

test('content encryption, asked for and read by the SDK', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t), ['--profile', 'ids:both']);
  const user = await sandbox.user('li-na');
  await sandbox.code('li-na');
  await sandbox.control('DELETE', 'consent?user=li-na');
  const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
  const content = { date, offset: 1, limit: 20 };
  for (const [mode, sdk] of Object.entries(clients(sandbox))) {
    // The SDK finds the signed text in v2's answers by its braces, which an encrypted one lacks, so only v3's are validated.
    const page = await sdk.exec('alipay.user.deloauth.detail.query', { bizContent: content, needEncrypt: true });
    assert.equal(page.response.details[0].openId, user.open_id, mode);
    const { data } = await sdk.curl('POST', '/v3/alipay/user/deloauth/detail/query', { body: content, needEncrypt: true });
    assert.equal(data.details[0].open_id, user.open_id, mode);

    // With another key: the platform's answer in the SDK's own tests.
    sdk.config.encryptKey = Buffer.alloc(16, 7).toString('base64');
    const refusal = await sdk.exec('alipay.user.deloauth.detail.query', { bizContent: content, needEncrypt: true });
    assert.deepEqual([refusal.code, refusal.subCode, refusal.subMsg], ['40003', 'isv.decryption-error-unknown', '解密出错, 未知错误']);
    await assert.rejects(sdk.curl('POST', '/v3/alipay/user/deloauth/detail/query', { body: content, needEncrypt: true }), {
      code: 'decryption-error-unknown',
    });
  }
});

test('what one encrypts, the other decrypts', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await Sandbox.start(t, folder);
  const { keys: sdk } = clients(sandbox);
  const file = (name) => path.join(folder, name);
  const content = { name: '张伟 🐻', remark: '"\\/' };
  const parameters = {
    app_id: sandbox.config.app_id,
    method: 'alipay.x',
    charset: 'utf-8',
    sign_type: 'RSA2',
    biz_content: JSON.stringify(content),
  };
  const args = ['--private-key', file('app-private-key.pem'), '--content-key', file('content-key.txt')];
  const { status, stdout, stderr } = miniauth(['sign', ...args], { input: JSON.stringify(parameters) });
  assert.equal(status, 0, stderr);
  const signed = JSON.parse(stdout);
  assert.deepEqual(JSON.parse(sdk.aesDecrypt(signed.biz_content)), content);
  assert.match(signed.string_to_sign, /&encrypt_type=AES&/);
  // The SDK's request and our encryption of the same content are equal, because the initialisation vector is zero.
  const theirs = new URLSearchParams(sdk.sdkExecute('alipay.x', { bizContent: content, needEncrypt: true }));
  assert.equal(theirs.get('biz_content'), signed.biz_content);
});

test("the SDK takes a message of the sandbox for the platform's", async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t));
  const { keys: sdk } = clients(sandbox);
  const bodies = [];
  const server = createServer(async (request, response) => {
    bodies.push(Object.fromEntries(new URLSearchParams(await text(request))));
    response.end('success');
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  await sandbox.control('PUT', 'message-address', { address: `http://127.0.0.1:${server.address().port}/` });
  for (const [number, profile] of ['message-sign:with', 'message-sign:without'].entries()) {
    await sandbox.control('PUT', 'profiles', { profile });
    await sandbox.code('li-na');
    await sandbox.control('DELETE', 'consent?user=li-na');
    for (let tries = 0; bodies.length === number && tries < 200; tries += 1) await setTimeout(25);
    const { [number]: message } = bodies;
    assert.equal(message.msg_method, 'alipay.open.auth.userauth.cancelled');
    assert.ok(sdk.checkNotifySignV2(message), profile);
    assert.ok(!sdk.checkNotifySignV2({ ...message, notify_id: 'another' }), profile);
  }
});

test('the SDK finds out a wrong signature, and reads a refusal', async (t) => {
  const sandbox = await Sandbox.start(t, await temporaryFolder(t));
  const { keys: sdk } = clients(sandbox);
  const grant = async () => ({ grantType: 'authorization_code', code: await sandbox.code('li-na') });
  await sandbox.control('PUT', 'fault', { kind: 'wrong_signature' });
  await assert.rejects(sdk.exec('alipay.system.oauth.token', await grant(), validated), /验签失败/);
  await sandbox.control('PUT', 'fault', { kind: 'none' });
  const spent = await grant();
  await sdk.exec('alipay.system.oauth.token', spent, validated);
  // With validation on, the SDK rejects genuine error_response bodies: a fault of the SDK.
  const refusal = await sdk.exec('alipay.system.oauth.token', spent);
  assert.equal(refusal.subCode, 'isv.code-invalid');
});

test('its signatures equal ours for the same parameters', async (t) => {
  const folder = await temporaryFolder(t);
  const sandbox = await Sandbox.start(t, folder);
  for (const sdk of Object.values(clients(sandbox))) {
    for (const [method, parameters] of [
      ['alipay.system.oauth.token', { grantType: 'authorization_code', code: 'a b+c&d=e%20张伟🐻"\\' }],
      ['alipay.system.oauth.token', { grantType: 'refresh_token', refreshToken: '2017R/=' }],
      ['alipay.user.info.share', { authToken: 'composeB{}' }],
    ]) {
      const query = new URLSearchParams(sdk.sdkExecute(method, parameters));
      const { sign: theirs, ...signed } = Object.fromEntries(query);
      const args = ['sign', '--private-key', path.join(folder, 'app-private-key.pem')];
      const { status, stdout, stderr } = miniauth(args, { input: JSON.stringify(signed) });
      assert.equal(status, 0, stderr);
      assert.equal(JSON.parse(stdout).sign, theirs);
    }
  }
});
