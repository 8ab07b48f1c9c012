// The doctor's messages for common configurations: each runs with the real program against the real sandbox.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';

import { miniauthRunning, Sandbox, temporaryFolder, wholeFile } from './support.mjs';
import { certificate, inFrontOf, proxyTo, tlsInFrontOf } from './tls.mjs';

const PRODUCTION = 'https://openapi.alipay.com/gateway.do';
const PLATFORM_SANDBOX = 'https://openapi-sandbox.dl.alipaydev.com/gateway.do';

/** Two platforms with the same app and different keys, and HTTPS in front of the first under both names. */
let bench;
const wholly = wholeFile();
before(async () => {
  const [folder, otherFolder] = [await temporaryFolder(wholly), await temporaryFolder(wholly)];
  const [sandbox, other] = [await Sandbox.start(wholly, folder), await Sandbox.start(wholly, otherFolder)];
  const { authorityFile, ...identity } = await certificate(
    folder,
    [PRODUCTION, PLATFORM_SANDBOX].map((url) => new URL(url).host),
  );
  const { port } = await tlsInFrontOf(wholly, sandbox.config.gateway, identity);
  // The gateway can tell only from the requested host which platform it stands for.
  const named = { HTTPS_PROXY: await proxyTo(wholly, port), SSL_CERT_FILE: authorityFile };
  const file = (name) => path.join(folder, name);
  const oneLine = (await readFile(file('app-private-key.pem'), 'utf8')).trimEnd().replaceAll('\n', '\\n');
  await writeFile(file('one-line.pem'), oneLine, { mode: 0o600 });
  const certificates = (of) => ({
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: '',
    MINIAUTH_APP_CERTIFICATE_FILE: path.join(of.app ?? folder, 'app-certificate.pem'),
    MINIAUTH_ALIPAY_CERTIFICATE_FILE: path.join(of.platform ?? folder, 'alipay-certificate.pem'),
    MINIAUTH_ALIPAY_ROOT_CERTIFICATES_FILE: path.join(of.platform ?? folder, 'alipay-root-certificates.pem'),
  });
  const late = new Date(Date.now() - 600_000).toUTCString();
  const configuration = {
    MINIAUTH_APP_ID: sandbox.config.app_id,
    MINIAUTH_APP_PRIVATE_KEY_FILE: file('app-private-key.pem'),
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: file('alipay-public-key.pem'),
    MINIAUTH_GATEWAY: sandbox.config.gateway,
  };
  bench = {
    sandbox,
    doctor: (env) => miniauthRunning(['doctor'], { ...configuration, ...env }),
    signed: await Sandbox.start(wholly, folder, ['--profile', 'errors:signed']),
    otherFolder,
    other,
    named,
    file,
    certificates,
    slow: await inFrontOf(wholly, sandbox.config.gateway, { date: late }),
    configuration,
  };
});

/** The mistake, the settings that contain it, and the doctor's message. */
const WRONG = [
  [
    'the app id is wrong',
    () => ({ MINIAUTH_APP_ID: '2021000000000404' }),
    [
      /^FAULT {2}gateway .*: the gateway says, unsigned: isv\.invalid-app-id: check app_id\. The app id is wrong, /m,
      /change: app_id$/m,
      /or change: gateway, .*production is https:\/\/openapi\.alipay\.com\/gateway\.do/,
    ],
  ],
  [
    'the app id is wrong, on a platform that signs it',
    () => ({ MINIAUTH_APP_ID: '2021000000000404', MINIAUTH_GATEWAY: bench.signed.config.gateway }),
    [/^FAULT {2}gateway .*: the platform refused the call \(40002 isv\.invalid-app-id\): The app id is wrong, /m, /change: app_id$/m],
  ],
  [
    'the console has no key of the app',
    () => ({ MINIAUTH_APP_ID: '2021000000000003' }),
    [/the gateway says, unsigned: isv\.missing-signature-config: check app_private_key_file\. The console has no key or certificate/],
  ],
  [
    "the app's private key is another one",
    () => ({ MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(bench.otherFolder, 'app-private-key.pem') }),
    [/40002 isv\.invalid-signature.*do not match/, /change: app_private_key_file$/m],
  ],
  [
    "the platform's public key is another one",
    () => ({ MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(bench.otherFolder, 'alipay-public-key.pem') }),
    [/its signature is wrong/, /change: alipay_public_key_file$/m],
  ],
  [
    "the app's own public key stands in the platform's place",
    () => ({ MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: bench.file('app-public-key.pem') }),
    [/^FAULT {2}alipay_public_key_file .*is the app's own public key/m],
  ],
  [
    'the certificate is of another app',
    () => bench.certificates({ app: bench.otherFolder }),
    [/^FAULT {2}app_certificate_file .*does not belong to the app's private key/m],
  ],
  [
    'the certificates are of another platform',
    () => bench.certificates({ platform: bench.otherFolder }),
    [/it was signed with the certificate [0-9a-f]{32}, but [0-9a-f]{32} is configured/, /change: alipay_certificate_file$/m],
  ],
  [
    "an app of the sandbox asks production's gateway",
    () => ({ ...bench.named, MINIAUTH_APP_ID: '2021000000000404', MINIAUTH_GATEWAY: PRODUCTION }),
    [
      /^FAULT {2}gateway https:\/\/openapi\.alipay\.com\/gateway\.do: the gateway says, unsigned: isv\.invalid-app-id/m,
      /or change: gateway, if the app belongs to the platform's own sandbox: that is https:\/\/openapi-sandbox\.dl\.alipaydev\.com\/gateway\.do/,
    ],
  ],
  [
    "an app of production asks the sandbox's gateway",
    () => ({
      ...bench.named,
      MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(bench.otherFolder, 'app-private-key.pem'),
      MINIAUTH_GATEWAY: PLATFORM_SANDBOX,
    }),
    [
      /isv\.invalid-signature/,
      /or change: gateway, if the app does not belong to the platform's own sandbox: production is https:\/\/openapi\.alipay\.com\/gateway\.do/,
    ],
  ],
  [
    "this machine's clock is wrong",
    () => ({ MINIAUTH_GATEWAY: bench.slow }),
    [/^FAULT {2}clock: this machine is (59|60)\d seconds ahead of the gateway: set its clock/m],
  ],
  [
    'there is no network',
    () => ({ MINIAUTH_GATEWAY: 'http://127.0.0.1:9/gateway.do' }),
    [/the gateway cannot be reached: check its address, the network/],
  ],
  [
    'the address is not the gateway',
    () => ({ MINIAUTH_GATEWAY: `${new URL('/elsewhere', bench.configuration.MINIAUTH_GATEWAY)}` }),
    [/HTTP status 404/, /change: gateway$/m],
  ],
];

for (const [what, env, told] of WRONG) {
  test(`the doctor says what is wrong: ${what}`, async (t) => {
    const { status, stdout, stderr } = await bench.doctor(env());
    t.diagnostic(stdout);
    assert.equal(status, 1, stdout + stderr);
    for (const words of told) assert.match(stdout, words);
    assert.match(stderr, /^miniauth: doctor: there is one fault$/m);
  });
}

/** Mistakes on the platform's side. */
const WRONG_THERE = [
  [
    'the product is missing',
    ['product', { in_force: false }],
    [/^FAULT {2}user information: .*isv\.insufficient-isv-permissions/m, /change: the product 获取会员信息 in the console$/m],
  ],
  ['no field is approved', ['fields', { fields: [] }], [/^FAULT {2}user information: .*isv\.insufficient-isv-permissions/m]],
  [
    'it is a third-party app',
    ['fault', { kind: 'refusal', sub_code: 'isv.self-invoke-forbidden' }],
    [/isv\.self-invoke-forbidden.*third-party app.*no product is missing/, /change: app_id$/m],
  ],
  [
    'answers are encrypted, and there is no content key',
    ['fault', { kind: 'encrypted' }],
    [/the answer is encrypted \(接口内容加密\), but no content key is configured/, /change: content_key_file$/m],
  ],
  ['the charset is another one', ['fault', { kind: 'wrong_charset' }], [/it is not in utf-8/i, /change: charset$/m]],
  [
    'the refusal of a made-up token is not signed, which is no fault of a setting',
    ['fault', { kind: 'unsigned', method: 'alipay.user.info.share' }],
    [/^note {3}user information: the gateway says, unsigned: aop\.invalid-auth-token/m],
  ],
];

for (const [what, [address, body], told] of WRONG_THERE) {
  test(`the doctor says what is wrong on the platform: ${what}`, async (t) => {
    const { sandbox, doctor } = bench;
    await sandbox.control('PUT', address, body);
    t.after(() => sandbox.control('POST', 'reset'));
    const { stdout } = await doctor({});
    t.diagnostic(stdout);
    for (const words of told) assert.match(stdout, words);
  });
}

test('the doctor tries the content key', async (t) => {
  const { sandbox, doctor, file } = bench;
  const right = await doctor({ MINIAUTH_CONTENT_KEY_FILE: file('content-key.txt') });
  assert.equal(right.status, 0, right.stdout);
  assert.match(right.stdout, /^ok {5}content key: the platform decrypted our call, and we decrypted its answer$/m);
  await writeFile(file('other-content-key.txt'), Buffer.alloc(16, 7).toString('base64'));
  const other = { MINIAUTH_CONTENT_KEY_FILE: file('other-content-key.txt') };
  const wrong = await doctor(other);
  t.diagnostic(wrong.stdout);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /^FAULT {2}content key: .*40003 isv\.decryption-error-unknown[^]*change: content_key_file$/m);
  await writeFile(file('no-content-key.txt'), '30313233343536373839616263646566');
  const hexadecimal = await doctor({ MINIAUTH_CONTENT_KEY_FILE: file('no-content-key.txt') });
  assert.match(hexadecimal.stdout, /^FAULT {2}content_key_file .*16 bytes in base64, as the console shows it: this is hexadecimal$/m);
  const none = await doctor();
  assert.equal(none.status, 0, 'most apps need none');
  assert.match(
    none.stdout,
    /^note {3}content key: none is set, so POST \/phone answers phone_not_configured.*enterprise accounts.*content_key_file/m,
  );
  // The platform tells nothing to an app without the permission.
  await sandbox.control('PUT', 'fault', {
    kind: 'refusal',
    sub_code: 'isv.insufficient-isv-permissions',
    method: 'alipay.user.deloauth.detail.query',
  });
  t.after(() => sandbox.control('POST', 'reset'));
  const untold = await doctor({ MINIAUTH_CONTENT_KEY_FILE: file('content-key.txt') });
  assert.match(untold.stdout, /^note {3}content key: could not be tested/m);
});

test('the doctor says where the platform has to send its messages', async () => {
  const messages = async (env) => /^note {3}messages: (.*)$/m.exec((await bench.doctor(env)).stdout)?.[1];
  assert.match(await messages({}), /应用网关.*https:\/\/<this server>\/platform-messages: /);
  assert.match(await messages({ MINIAUTH_PLATFORM_MESSAGES: '/hooks/alipay' }), /https:\/\/<this server>\/hooks\/alipay: /);
  assert.match(await messages({ MINIAUTH_PLATFORM_MESSAGES: 'off' }), /^off .*miniauth reconcile/);
});

test('a key whose line breaks are written as \\n is as good as any', async () => {
  const { status, stdout } = await bench.doctor({ MINIAUTH_APP_PRIVATE_KEY_FILE: bench.file('one-line.pem') });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^ok {5}pairs: /m);
  assert.match(stdout, /^ok {5}user information: the platform refused a made-up token/m);
});
