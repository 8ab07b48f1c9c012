// Everything that people pass to `miniauth verify`: it must recognise each.

import assert from 'node:assert/strict';
import { createCipheriv, createSign, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';

import { miniauth, temporaryFolder, wholeFile } from './support.mjs';

const TOKEN = { access_token: 'a1', expires_in: 1_296_000, open_id: 'u-1', re_expires_in: 2_592_000, refresh_token: 'r1' };
const MEMBER = '{"code":"10000","msg":"Success","nick_name":"诚意🌱","avatar":"https:\\/\\/pic.example\\/1.png","open_id":"u-1"}';

/** Public keys by length, and functions that sign with their private keys. */
let bench;
const wholly = wholeFile();
before(async () => {
  const folder = await temporaryFolder(wholly);
  const sign = {};
  for (const bits of [1024, 2048]) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: bits,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await writeFile(path.join(folder, `${bits}.pem`), publicKey);
    sign[bits] = (bytes, hash = 'RSA-SHA256') => createSign(hash).update(bytes).sign(privateKey, 'base64');
  }
  bench = { folder, sign };
});

function verify(input, { method = 'alipay.system.oauth.token', bits = 2048 } = {}, ...args) {
  const key = ['--public-key', path.join(bench.folder, `${bits}.pem`)];
  return miniauth(['verify', '--method', method, ...key, ...args], { input });
}

const SHARE = { method: 'alipay.user.info.share' };
const whole = (name, node, sign) => `{"${name}":${node},"sign":"${sign}"}`;
const token = (node, sign = bench.sign[2048](node)) => whole('alipay_system_oauth_token_response', node, sign);
const share = (node, sign) => whole('alipay_user_info_share_response', node, sign);
const node = JSON.stringify(TOKEN);

/** A signature that contains both characters that a wrong decoding loses. */
function awkward() {
  for (let number = 0; ; number++) {
    const made = JSON.stringify({ ...TOKEN, access_token: `a${number}` });
    const sign = bench.sign[2048](made);
    if (sign.includes('+') && sign.includes('/')) return [made, sign];
  }
}

test('an answer verifies as it came, an encrypted one too, with a line break behind it or as a signed refusal', () => {
  const refusal = '{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid"}';
  for (const [input, options, printed, note] of [
    [token(node), {}, node, /^$/],
    [`${token(node)}\n`, {}, node, /^$/],
    [share(MEMBER, bench.sign[2048](MEMBER)), SHARE, MEMBER, /^$/],
    [whole('error_response', refusal, bench.sign[2048](refusal)), {}, refusal, /^$/],
    [token('"q83vEjRWeJA="'), {}, '"q83vEjRWeJA="', /^miniauth: note: the node is encrypted \(AES\).*AES key/],
  ]) {
    const { status, stdout, stderr } = verify(input, options);
    assert.deepEqual([status, stdout], [0, `${printed}\n`], stderr);
    assert.match(stderr, note);
  }
});

test('an encrypted node is printed as what it decrypts to', async (t) => {
  const folder = await temporaryFolder(t);
  const key = Buffer.alloc(16, 7);
  const encrypt = (text) => {
    const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16));
    return JSON.stringify(Buffer.concat([cipher.update(text), cipher.final()]).toString('base64'));
  };
  for (const [name, bytes] of [
    ['right', key],
    ['other', Buffer.alloc(16, 8)],
    ['short', Buffer.alloc(15)],
  ]) {
    await writeFile(path.join(folder, name), bytes.toString('base64'));
  }
  const answer = token(encrypt(node));
  const read = (name) => verify(answer, {}, '--content-key', path.join(folder, name));
  const right = read('right');
  assert.deepEqual([right.status, right.stdout, right.stderr], [0, `${node}\n`, '']);
  const other = read('other');
  assert.deepEqual([other.status, other.stdout], [1, '']);
  assert.match(
    other.stderr,
    /^miniauth: not decrypted: the signature is valid, but the answer is encrypted .*not with the configured content key: check --content-key/,
  );
  const short = read('short');
  assert.equal(short.status, 2);
  assert.match(short.stderr, /this has 15 bytes/);
  // Unsigned content is not decrypted either.
  assert.match(
    verify(`{"alipay_system_oauth_token_response":${encrypt(node)}}`, {}, '--content-key', path.join(folder, 'right')).stderr,
    /^miniauth: unsigned/,
  );
});

test('a refusal without a signature is never data, and its code is the advice', () => {
  const answer = (name, code, sub) => `{"${name}":{"code":"${code}","msg":"m","sub_code":"${sub}"}}`;
  for (const [input, told] of [
    [answer('error_response', '40002', 'isv.invalid-app-id'), /isv\.invalid-app-id: check app_id\. The app id is wrong/],
    [answer('error_response', '40002', 'isv.code-invalid'), /isv\.code-invalid: The auth code was already used/],
    [
      answer('alipay_system_oauth_token_response', '40003', 'isv.missing-signature-config'),
      /isv\.missing-signature-config: check app_private_key_file\. The console has no key/,
    ],
    [answer('error_response', '40004', 'isv.never-heard-of'), /isv\.never-heard-of: Look up the sub_code/],
  ]) {
    const { status, stdout, stderr } = verify(input);
    assert.deepEqual([status, stdout], [1, ''], stderr);
    assert.match(stderr, new RegExp(`^miniauth: unsigned: the gateway says, unsigned: ${told.source}[^]*Trust nothing in such an answer`));
  }
  const success = verify(`{"alipay_system_oauth_token_response":${node}}`);
  assert.deepEqual([success.status, success.stdout], [1, '']);
  assert.match(success.stderr, /^miniauth: unsigned: it is not signed, and only the platform's refusals may be unsigned/);
});

test('a body that was parsed and serialised again is recognised, with the changes', () => {
  const parsed = JSON.parse(MEMBER);
  const sign = bench.sign[2048](MEMBER);
  const ascii = (text) => text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  for (const [input, options, causes] of [
    [JSON.stringify({ alipay_system_oauth_token_response: TOKEN, sign: bench.sign[2048](node) }, null, 2), {}, ['white space']],
    [share(JSON.stringify(parsed), sign), SHARE, ['unescaped slashes']],
    [share(ascii(MEMBER), sign), SHARE, ['escaped characters']],
    [share(ascii(JSON.stringify(parsed)), sign), SHARE, ['escaped characters', 'unescaped slashes']],
    [share(MEMBER, bench.sign[2048](JSON.stringify(parsed))), SHARE, ['escaped slashes']],
    [JSON.stringify({ alipay_user_info_share_response: parsed, sign }, null, '\t'), SHARE, ['white space', 'unescaped slashes']],
  ]) {
    const { status, stderr } = verify(input, options);
    assert.equal(status, 1);
    assert.deepEqual(
      [...stderr.matchAll(/likely cause: ([a-z ]+):/g)].map(([, cause]) => cause),
      causes,
      stderr,
    );
    assert.match(stderr, /re-serialised \(parsed and written again\)/);
  }
});

test('a wrongly decoded signature is recognised', () => {
  const [made, sign] = awkward();
  assert.match(verify(token(made, sign.replaceAll('+', ' '))).stderr, /likely cause: a wrongly decoded signature/);
  assert.match(verify(token(made, encodeURIComponent(sign))).stderr, /likely cause: a percent-encoded signature/);
});

test('input that is not an answer is recognised', () => {
  const text = '"q83vEjRWeJA="';
  const pages = (sign) => `{"response":${text},"sign":"${sign}","sign_type":"RSA2","encrypt_type":"AES","charset":"UTF-8"}`;
  for (const [input, told] of [
    ['', /^malformed: it is empty/],
    ['\n', /^malformed: it is empty/],
    ['<!DOCTYPE html>\n<title>504</title>', /^malformed: it is a page of HTML/],
    [`\ufeff${token(node)}`, /^malformed: it begins with a byte order mark \(BOM\).*without it, the answer verifies$/],
    [`\ufeff${token(node, 'AAAA')}`, /^malformed: it begins with a byte order mark \(BOM\).*does not verify either$/],
    [token(node).slice(0, -9), /^malformed: not JSON: it ends in the middle.*truncated/],
    [node, /^wrong node: it is the node alone, without its name and its sign/],
    [
      token(node).replace('system_oauth_token', 'open_app_qrcode_create'),
      /^wrong node: it answers another method: give --method alipay\.open\.app\.qrcode\.create/,
    ],
    ['notify_time=2026&sign=x&sign_type=RSA2&notify_type=servicewindow', /^malformed: it is a form.*an asynchronous notification/],
    [pages(bench.sign[2048](text)), /^wrong node: it is the platform.s answer to a page.*my\.getPhoneNumber.*it is signed with this key/],
    [pages('AAAA'), /^wrong node: it is the platform.s answer to a page.*it is not signed with this key/],
    [token(text, bench.sign[2048](text.slice(1, -1))), /^mismatch: [^]*likely cause: quotation marks/],
  ]) {
    const { status, stdout, stderr } = verify(input);
    assert.deepEqual([status, stdout], [1, ''], stderr);
    assert.match(stderr.replace(/^miniauth: /, '').trimEnd(), told);
  }
});

test('an old answer is verified with its old key, and told where the sign type is not given', () => {
  for (const bits of [1024, 2048]) {
    const old = token(node, bench.sign[bits](node, 'RSA-SHA1'));
    const { status, stdout, stderr } = verify(old, { bits }, '--sign-type', 'RSA');
    assert.deepEqual([status, stdout], [0, `${node}\n`], stderr);
    assert.match(stderr, new RegExp(`note: trust an RSA \\(SHA-1\\) signature by a key of ${bits} bits only to inspect old answers`));
    const changed = verify(old.replace('"a1"', '"a2"'), { bits }, '--sign-type', 'RSA');
    assert.equal(changed.status, 1);
    assert.match(changed.stderr, /^miniauth: mismatch: [^]*an old answer needs the key that the console showed for RSA/);
  }
  const present = verify(token(node, bench.sign[2048](node, 'RSA-SHA1')));
  assert.equal(present.status, 1);
  assert.match(present.stderr, /likely cause: another sign type: .*RSA \(SHA-1\).*--sign-type RSA/);
  const short = verify(token(node), { bits: 1024 });
  assert.equal(short.status, 2);
  assert.match(short.stderr, /1024\.pem: the RSA key has 1024 bits.*old answers.*--sign-type RSA/);
});
