// openssl's command line verifies our signatures and we verify its, in UTF-8 and GBK.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { miniauth, run } from './support.mjs';

const METHOD = 'alipay.user.info.share';
const NODE = 'alipay_user_info_share_response';

/** A nickname; the second byte of 誠 is a backslash in GBK. */
const NICKNAME = 'a誠伟"\\/{}';

/** The nickname as JSON, in the bytes of both character sets. */
const TEXTS = {
  'utf-8': Buffer.from('a誠伟\\"\\\\/{}'),
  gbk: Buffer.from([0x61, 0xd5, 0x5c, 0xce, 0xb0, 0x5c, 0x22, 0x5c, 0x5c, 0x2f, 0x7b, 0x7d]),
};

let folder;
const file = (name) => path.join(folder, name);

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'miniauth-openssl-'));
  run('openssl', ['genrsa', '-traditional', '-out', file('pkcs1.pem'), '2048']);
  run('openssl', ['pkcs8', '-topk8', '-nocrypt', '-in', file('pkcs1.pem'), '-out', file('pkcs8.pem')]);
  run('openssl', ['rsa', '-in', file('pkcs1.pem'), '-pubout', '-out', file('spki.pem')]);
  run('openssl', ['rsa', '-in', file('pkcs1.pem'), '-RSAPublicKey_out', '-out', file('pkcs1-public.pem')]);
  for (const name of ['pkcs1', 'pkcs8', 'spki', 'pkcs1-public']) {
    const lines = run('cat', [file(`${name}.pem`)])
      .toString()
      .split('\n');
    await writeFile(file(`${name}.txt`), lines.filter((line) => !line.startsWith('-')).join(''));
  }
});

after(() => rm(folder, { recursive: true, force: true }));

test('openssl verifies what we sign, whatever form the key has', async () => {
  // 张伟 in both: the string to sign is printed in UTF-8, and signed in the charset.
  const parameters = { code: '张伟 +&', app_id: '1', empty: '', sign: 'x', sign_type: 'RSA2', n: 12, b: true };
  const expected = 'app_id=1&b=true&code=张伟 +&&n=12&sign_type=RSA2';
  const gbk = Buffer.concat([
    Buffer.from('app_id=1&b=true&code='),
    Buffer.from([0xd5, 0xc5, 0xce, 0xb0]),
    Buffer.from(' +&&n=12&sign_type=RSA2'),
  ]);
  for (const [charset, message] of [
    ['utf-8', Buffer.from(expected)],
    ['gbk', gbk],
  ]) {
    await writeFile(file('message'), message);
    for (const key of ['pkcs1.pem', 'pkcs8.pem', 'pkcs1.txt', 'pkcs8.txt']) {
      const args = ['sign', '--private-key', file(key), '--charset', charset, '--sign-type', 'RSA2', '-'];
      const { status, stdout, stderr } = miniauth(args, { input: JSON.stringify(parameters) });
      assert.equal(status, 0, stderr);
      const { string_to_sign: text, sign } = JSON.parse(stdout);
      assert.equal(text, expected);
      await writeFile(file('signature'), Buffer.from(sign, 'base64'));
      const check = ['dgst', '-sha256', '-verify', file('spki.pem'), '-signature', file('signature'), file('message')];
      assert.match(run('openssl', check).toString(), /Verified OK/);
    }
  }
});

test('we verify what openssl signs, in both kinds and whatever form the key has', async () => {
  for (const [charset, text] of Object.entries(TEXTS)) {
    const node = Buffer.concat([Buffer.from('{"nick_name":"'), text, Buffer.from('"}')]);
    for (const [signType, digest] of [
      ['RSA2', '-sha256'],
      ['RSA', '-sha1'],
    ]) {
      const sign = run('openssl', ['dgst', digest, '-sign', file('pkcs1.pem')], node).toString('base64');
      const body = Buffer.concat([Buffer.from(`{"${NODE}":`), node, Buffer.from(`,"sign":"${sign}"}`)]);
      for (const key of ['spki.pem', 'spki.txt', 'pkcs1-public.pem', 'pkcs1-public.txt']) {
        const args = ['verify', '--method', METHOD, '--public-key', file(key), '--charset', charset];
        const { status, stdout, stderr } = miniauth([...args, '--sign-type', signType], { input: body });
        assert.equal(status, 0, stderr);
        assert.equal(JSON.parse(stdout).nick_name, NICKNAME);
      }
    }
  }
});

test('the serial number of a certificate is what openssl and md5 make of it', async () => {
  const subject = '/C=CN/O=Ant Financial/OU=Certification Authority/CN=Ant Financial Certification Authority R1';
  const args = ['req', '-x509', '-key', file('pkcs1.pem'), '-days', '3650', '-subj', subject];
  run('openssl', [...args, '-set_serial', '0x20131226001100220033', '-out', file('platform.crt')]);
  run('openssl', ['genrsa', '-out', file('app.pem'), '2048']);
  run('openssl', ['req', '-x509', '-key', file('app.pem'), '-days', '3650', '-subj', subject, '-out', file('app.crt')]);
  const names = run('openssl', ['x509', '-in', file('platform.crt'), '-noout', '-issuer', '-nameopt', 'RFC2253']);
  const issuer = names
    .toString()
    .trim()
    .replace(/^issuer=/, '');
  const number = BigInt('0x20131226001100220033').toString();
  const expected = createHash('md5')
    .update(issuer + number)
    .digest('hex');
  const { stdout } = miniauth(['doctor'], {
    env: {
      MINIAUTH_APP_ID: '1',
      MINIAUTH_APP_PRIVATE_KEY_FILE: file('app.pem'),
      MINIAUTH_APP_CERTIFICATE_FILE: file('app.crt'),
      MINIAUTH_ALIPAY_CERTIFICATE_FILE: file('platform.crt'),
      MINIAUTH_ALIPAY_ROOT_CERTIFICATES_FILE: file('platform.crt'),
      MINIAUTH_GATEWAY: 'http://127.0.0.1:9/gateway.do',
    },
  });
  assert.ok(stdout.includes(`root certificates: alipay_root_cert_sn ${expected}\n`), stdout);
  assert.ok(stdout.includes(`alipay_certificate_file: ${expected}, valid for`), stdout);
});
