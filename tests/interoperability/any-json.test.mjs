// Any JSON with any strings, signed by Node's own OpenSSL, verifies; with any single byte changed, it does not.

import assert from 'node:assert/strict';
import { createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { miniauth, temporaryFolder } from './support.mjs';

const METHOD = 'alipay.user.info.share';
const NODE = 'alipay_user_info_share_response';
const SEED = Number(process.env.MINIAUTH_SEED ?? 20_261_121);
const CASES = process.env.MINIAUTH_LONG ? 2_000 : 150;

/** mulberry32: small, uniform and repeatable. */
function seeded(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PIECES = ['"', '\\', '{', '}', '[', ']', ':', ',', '/', '\n', '\u0000', '\u2028', '🐻', '张', '誠', '"sign":"x"}', ' '];

function text(random) {
  const piece = () => (random(3) ? PIECES[random(PIECES.length)] : String.fromCharCode(32 + random(95)));
  return Array.from({ length: random(12) }, piece).join('');
}

function value(random, depth = 0) {
  switch (random(depth > 3 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return (random(2_000_000) - 1_000_000) / (1 + random(1_000));
    case 5:
      return Array.from({ length: random(5) }, () => value(random, depth + 1));
    case 6:
      return object(random, depth + 1);
    default:
      return text(random);
  }
}

function object(random, depth) {
  return Object.fromEntries(Array.from({ length: random(6) }, () => [text(random), value(random, depth)]));
}

/** JSON as different encoders write it: slashes escaped or not, non-ASCII characters escaped or not, blanks. */
function encoded(random, node) {
  let json = JSON.stringify(node, null, random(3) === 0 ? random(4) : 0);
  if (random(2)) {
    json = json.replaceAll('/', '\\/');
  }
  if (random(3) === 0) {
    json = json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  return json;
}

test(`any JSON verifies, and not with a changed byte (seed ${SEED})`, async (t) => {
  const folder = await temporaryFolder(t);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keyFile = path.join(folder, 'public.pem');
  await writeFile(keyFile, publicKey);
  const signer = createPrivateKey(privateKey);
  const verify = (body) => miniauth(['verify', '--method', METHOD, '--public-key', keyFile], { input: body });
  const random = seeded(SEED);
  for (let index = 0; index < CASES; index += 1) {
    const node = object(random, 0);
    const json = encoded(random, node);
    const sign = createSign('RSA-SHA256').update(json, 'utf8').sign(signer, 'base64');
    const members = [`"${NODE}":${json}`, `"sign":"${sign}"`];
    const body = Buffer.from(`{${(random(4) ? members : members.reverse()).join(',')}}`);
    const { status, stdout, stderr } = verify(body);
    assert.equal(status, 0, `case ${index}: ${stderr} ${body}`);
    assert.equal(stdout, `${json}\n`);
    assert.deepEqual(JSON.parse(stdout), node);

    const changed = Buffer.from(body);
    const at = random(changed.length);
    changed[at] ^= 1 + random(255);
    const refused = verify(changed);
    assert.equal(refused.status, 1, `case ${index}: byte ${at} of ${body} is ${changed[at]}: ${refused.stdout}`);
    assert.equal(refused.stdout, '');
  }
});
