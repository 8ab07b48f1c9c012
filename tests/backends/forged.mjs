// Tokens that every back-end must reject, made from a valid one.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** A token's header and claims, unverified. */
export const contents = (token) => token.split('.').slice(0, 2).map(decode);

/**
 * Every way to forge a token without the server's key.
 *
 * @param {string} good a valid token
 * @param {{ keys: object[] }} list the server's public keys
 * @returns {[string, string][]} a description and the token
 */
export function forged(good, list) {
  const [header, claims] = contents(good);
  const signature = good.split('.')[2];
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = (head, body = claims) => `${encode(head)}.${encode(body)}`;
  const by = (key, head, body, dsaEncoding = 'ieee-p1363') => {
    const signed = text(head, body);
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding }).toString('base64url')}`;
  };
  const hmac = (secret) => {
    const signed = text({ ...header, alg: 'HS256' });
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const jwk = list.keys.find(({ kid }) => kid === header.kid);
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const ownJwk = own.publicKey.export({ format: 'jwk' });
  return [
    ['another key', by(own.privateKey, header)],
    ['another key, DER', by(own.privateKey, header, claims, 'der')],
    ['another key that the header brings along', by(own.privateKey, { ...header, jwk: ownJwk })],
    ['another key without a name', by(own.privateKey, { alg: 'ES256', typ: 'JWT' })],
    ['a key with an unknown name', by(own.privateKey, { ...header, kid: 'unknown' })],
    ['a name that leads elsewhere', by(own.privateKey, { ...header, kid: '../../../dev/null' })],
    ['a list of keys that the header names', by(own.privateKey, { ...header, jku: 'http://127.0.0.1:1/jwks.json' })],
    ['another subject', `${text(header, { ...claims, sub: '0000000000000001' })}.${signature}`],
    ['a longer life', `${text(header, { ...claims, exp: claims.exp + 1e6 })}.${signature}`],
    ...['none', 'None', 'NONE', 'nOnE'].map((alg) => [`alg ${alg}`, `${text({ ...header, alg })}.`]),
    ['alg none with the signature', `${text({ ...header, alg: 'none' })}.${signature}`],
    ['no alg', `${text({ typ: 'JWT', kid: header.kid })}.${signature}`],
    ['HS256 by the public key, PEM', hmac(pem)],
    ['HS256 by the public key, x', hmac(Buffer.from(jwk.x, 'base64url'))],
    ['HS256 by the list of keys', hmac(JSON.stringify(list))],
    ['HS256 by nothing', hmac('')],
    ['RS256 by another key', by(rsa.privateKey, { ...header, alg: 'RS256' })],
    ['ES384 with the signature', `${text({ ...header, alg: 'ES384' })}.${signature}`],
    ['a signature of zeros', `${text(header)}.${Buffer.alloc(64).toString('base64url')}`],
    ['no signature', `${text(header)}.`],
    ['two parts', text(header)],
    ['four parts', `${good}.x`],
    ['no JSON', `${encode('{')}.${encode('{')}.${signature}`],
    ['no token', 'x'],
  ];
}
