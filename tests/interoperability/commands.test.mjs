// The output and exit codes of sign, verify, doctor and sandbox --print-config.

import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { OTHER_APP_ID } from '../http/support.mjs';
import { Sandbox, miniauth, temporaryFolder } from './support.mjs';

const METHOD = 'alipay.user.info.share';
const NODE = 'alipay_user_info_share_response';

/** A folder with two key pairs, and functions that verify and sign with them. */
async function bench(t) {
  const folder = await temporaryFolder(t);
  const pairs = {};
  for (const name of ['platform', 'app']) {
    pairs[name] = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await writeFile(path.join(folder, `${name}-public.pem`), pairs[name].publicKey);
    await writeFile(path.join(folder, `${name}-private.pem`), pairs[name].privateKey);
  }
  const file = (name) => path.join(folder, name);
  const signature = (bytes) => createSign('RSA-SHA256').update(bytes).sign(pairs.platform.privateKey, 'base64');
  const body = (node, signed = node) => `{"${NODE}":${node},"sign":"${signature(signed)}"}`;
  const verify = (input, ...args) => {
    const key = args.includes('--public-key') ? [] : ['--public-key', file('platform-public.pem')];
    return miniauth(['verify', '--method', METHOD, ...key, ...args], { input });
  };
  return { file, body, verify };
}

test('verify says why not, in one of five words, and ends with 1', async (t) => {
  const { body, verify } = await bench(t);
  const node = '{"code":"10000","nick_name":"张伟","avatar":"https:\\/\\/a.example\\/1"}';
  const good = verify(body(node));
  assert.deepEqual([good.status, good.stdout, good.stderr], [0, `${node}\n`, '']);
  for (const [input, reason] of [
    [body(node, `${node} `), 'mismatch'],
    [`{"${NODE}":${node}}`, 'unsigned'],
    [`{"${NODE}":${node},${body(node).slice(1)}`, 'duplicate node'],
    [body(node).slice(0, -2), 'malformed'],
    [`${body(node)}x`, 'malformed'],
    [Buffer.concat([Buffer.from(`{"${NODE}":"`), Buffer.from([0xff]), Buffer.from('","sign":"x"}')]), 'malformed'],
    [body(node).replace(NODE, 'alipay_system_oauth_token_response'), 'wrong node'],
    ['{"sign":"x"}', 'wrong node'],
    ['', 'malformed'],
  ]) {
    const { status, stdout, stderr } = verify(input);
    assert.deepEqual([status, stdout], [1, ''], `${input}`);
    assert.ok(stderr.startsWith(`miniauth: ${reason}: `), stderr);
  }
});

test('verify finds the likely causes of a mismatch', async (t) => {
  const { file, body, verify } = await bench(t);
  const node = '{"nick_name":"abc","avatar":"https:\\/\\/a.example"}';
  const rewritten = verify(body(node.replaceAll('\\/', '/'), node));
  assert.equal(rewritten.status, 1);
  assert.match(rewritten.stderr, /likely cause: unescaped slashes/);

  const gbk = Buffer.from([...Buffer.from('{"n":"'), 0xd5, 0xc5, ...Buffer.from('"}')]);
  assert.match(verify(body('{"n":"张"}', gbk)).stderr, /likely cause: another charset/);
  const unexplained = verify(body(node, 'other')).stderr;
  assert.match(unexplained, /not the cause: another charset[^]*not checked: the app's own key/);

  for (const own of ['app-private.pem', 'app-public.pem']) {
    const told = verify(body(node), '--public-key', file('app-public.pem'), '--app-key', file(own));
    assert.equal(told.status, 1);
    assert.match(told.stderr, /likely cause: the app's own key/);
  }
});

test('a key that cannot be used ends with 2 and a sentence', async (t) => {
  const { file, verify } = await bench(t);
  const wrongHalf = verify('{}', '--public-key', file('platform-private.pem'));
  assert.equal(wrongHalf.status, 2);
  assert.match(wrongHalf.stderr, /this is a private key, and a public key is needed/);
  assert.equal(verify('{}', '--public-key', file('none.pem')).status, 2);
  assert.equal(verify('{}', '--sign-type', 'MD5').status, 2);
  const sign = (key, input, ...args) => miniauth(['sign', '--private-key', file(key), ...args], { input });
  assert.match(sign('app-public.pem', '{}').stderr, /this is a public key, and the app's private key/);
  for (const [input, ...args] of [['[]'], ['{"a":{"b":1}}'], ['{"a":"🐻"}', '--charset', 'gbk'], ['{}', '--sign-type', 'RSA']]) {
    const { status, stdout, stderr } = sign('app-private.pem', input, ...args);
    assert.deepEqual([status, stdout], [2, ''], `${input}: ${stderr}`);
  }
});

test('sandbox --print-config gives what the server and an SDK need, and the doctor finds it sound', async (t) => {
  const folder = await temporaryFolder(t);
  const { config } = await Sandbox.start(t, folder);
  assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'sandbox.json'), 'utf8')), config);
  for (const name of ['sandbox.json', 'sandbox.toml']) {
    assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600);
  }
  const keys = ['alipay_public_key', 'app_certificate', 'app_id', 'app_private_key', 'gateway'];
  assert.ok(
    keys.every((key) => config[key].length > 0),
    JSON.stringify(config),
  );

  const sound = miniauth(['doctor', '--config', config.serve_config_file]);
  assert.equal(sound.status, 0, sound.stdout + sound.stderr);
  for (const what of ['app id', 'app private key', 'charset', 'alipay public key', 'clock', 'gateway', 'pairs']) {
    assert.match(sound.stdout, new RegExp(`^ok     ${what}: `, 'm'));
  }
  const v3 = miniauth(['doctor', '--config', config.serve_config_file], { env: { MINIAUTH_API: 'v3' } });
  assert.equal(v3.status, 0, v3.stdout + v3.stderr);
  assert.match(v3.stdout, /^ok {5}api: v3$[^]*^ok {5}pairs: the platform accepted our signature/m);
  // The three commented lines, instead of the key, select certificate mode.
  const keyMode = await readFile(config.serve_config_file, 'utf8');
  const certificateMode = keyMode.replace(/^alipay_public_key_file.*$/m, '').replaceAll(/^# (\w+_file = )/gm, '$1');
  await writeFile(path.join(folder, 'certificates.toml'), `${certificateMode}charset = "gbk"\n`);
  const certificates = miniauth(['doctor', '--config', path.join(folder, 'certificates.toml')]);
  assert.equal(certificates.status, 0, certificates.stdout + certificates.stderr);
  assert.match(certificates.stdout, /^ok {5}charset: GBK$[^]*^ok {5}certificates: /m);
});

test('the doctor names every setting that cannot be used, and ends with 1', async (t) => {
  const folder = await temporaryFolder(t);
  const { config } = await Sandbox.start(t, folder);
  const { file } = await bench(t);
  const doctor = (env) => miniauth(['doctor', '--config', config.serve_config_file], { env });
  for (const [env, told] of [
    [{ MINIAUTH_APP_ID: 'shop' }, /^FAULT {2}app_id \(MINIAUTH_APP_ID\): an app id is 1 to 32 digits/m],
    [{ MINIAUTH_APP_ID: '2021000000000009' }, /isv\.invalid-app-id[^]*change: app_id$/m],
    [{ MINIAUTH_APP_PRIVATE_KEY_FILE: file('app-private.pem') }, /isv\.invalid-signature[^]*change: app_private_key_file/],
    [{ MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: file('app-public.pem') }, /its signature is wrong: check that alipay_public_key/],
    [{ MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(folder, 'app-public-key.pem') }, /is the app's own public key/],
    [{ MINIAUTH_GATEWAY: 'http://127.0.0.1:9/gateway.do' }, /^FAULT {2}gateway http:\/\/127\.0\.0\.1:9.*cannot be reached/m],
    [{ MINIAUTH_CHARSET: 'latin1' }, /^FAULT {2}charset \(MINIAUTH_CHARSET\): the character set is utf-8 or gbk/m],
    [{ MINIAUTH_APP_CERTIFICATE_FILE: file('app-public.pem') }, /is set beside certificates/],
    [{ MINIAUTH_API: 'v4' }, /^FAULT {2}api \(MINIAUTH_API\): the platform is called by v2 \(gateway\.do\) or by v3/m],
    [{ MINIAUTH_API: 'v3', MINIAUTH_CHARSET: 'gbk' }, /OpenAPI v3 is UTF-8 only: remove charset/],
    [{ MINIAUTH_API: 'v3', MINIAUTH_APP_ID: '2021000000000009' }, /isv\.invalid-app-id[^]*change: app_id$/m],
    [{ MINIAUTH_API: 'v3', MINIAUTH_APP_PRIVATE_KEY_FILE: file('app-private.pem') }, /isv\.invalid-signature/],
    [{ MINIAUTH_API: 'v3', MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: file('app-public.pem') }, /its signature is wrong/],
  ]) {
    const { status, stdout, stderr } = doctor(env);
    assert.equal(status, 1, stdout + stderr);
    assert.match(stdout, told);
    assert.match(stderr, /^miniauth: doctor: there (is one|are \d) faults?$/m);
  }
  await chmod(path.join(folder, 'app-private-key.pem'), 0o644);
  assert.match(doctor({}).stdout, /^note {3}app private key: .* run `chmod 600/m);
});

test('the doctor looks at every app of [[apps]], and names each when there are several', async (t) => {
  const folder = await temporaryFolder(t);
  const { config } = await Sandbox.start(t, folder);
  const table = (appId, privateKey = 'app-private-key.pem') => `[[apps]]
app_id = "${appId}"
app_private_key_file = "${path.join(folder, privateKey)}"
alipay_public_key_file = "${path.join(folder, 'alipay-public-key.pem')}"
`;
  const doctor = async (...tables) => {
    const file = path.join(folder, 'apps.toml');
    await writeFile(file, [`gateway = "${config.gateway}"\n`, ...tables].join(''));
    return miniauth(['doctor', '--config', file]);
  };
  const only = await doctor(table(config.app_id));
  assert.equal(only.status, 0, only.stdout + only.stderr);
  assert.match(only.stdout, /^ok {5}pairs: /m);

  const both = await doctor(table(config.app_id), table(OTHER_APP_ID));
  assert.equal(both.status, 0, both.stdout + both.stderr);
  for (const appId of [config.app_id, OTHER_APP_ID]) {
    for (const what of ['app id', 'app private key', 'charset', 'alipay public key', 'clock', 'gateway', 'pairs']) {
      assert.match(both.stdout, new RegExp(`^ok     app ${appId}, ${what}: `, 'm'));
    }
  }

  const tables = [table(config.app_id), table('2021000000000009'), table(OTHER_APP_ID, 'none.pem'), table(config.app_id)];
  const faults = await doctor(...tables);
  assert.equal(faults.status, 1, faults.stdout);
  for (const told of [
    String.raw`^FAULT  \[\[apps\]\] number 3, app_private_key_file: .*none\.pem cannot be read`,
    String.raw`^FAULT  \[\[apps\]\]: the app ${config.app_id} is configured twice`,
    `^ok     app ${config.app_id}, pairs: `,
    String.raw`^FAULT  app 2021000000000009, gateway .*isv\.invalid-app-id`,
    `^note   app ${OTHER_APP_ID}, gateway: not asked`,
  ]) {
    assert.match(faults.stdout, new RegExp(told, 'm'));
  }
  assert.match(faults.stderr, /^miniauth: doctor: there are 3 faults$/m);
});

test('the same seed gives the same codes', async (t) => {
  const codes = [];
  for (const seed of ['7', '7', '8']) {
    const sandbox = await Sandbox.start(t, await temporaryFolder(t), ['--seed', seed]);
    codes.push(await sandbox.code('li-na'));
  }
  assert.equal(codes[0], codes[1]);
  assert.notEqual(codes[0], codes[2]);
});
