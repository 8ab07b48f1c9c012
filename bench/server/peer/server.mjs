// The server that a team writes with what is at hand: Fastify, the official SDK, better-sqlite3. One process, as usual.
//
//   node bench/server/peer/server.mjs SANDBOX.json DATABASE
//
// SANDBOX.json is what `miniauth sandbox --print-config` prints. The endpoints are those of miniauth that the benchmark uses.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AlipaySdk } from 'alipay-sdk';
import Fastify from 'fastify';
import { openStore } from './store.mjs';

const SESSION_SECONDS = 7 * 24 * 3600;

const [, , description, file] = process.argv;
const platform = JSON.parse(readFileSync(description, 'utf8'));
const store = openStore(file);
const sdk = new AlipaySdk({
  appId: platform.app_id,
  privateKey: platform.app_private_key,
  keyType: 'PKCS8',
  alipayPublicKey: platform.alipay_public_key,
  gateway: platform.gateway,
});
const validated = { validateSign: true };

const hashOf = (token) => createHash('sha256').update(token).digest();
const seconds = () => Math.floor(Date.now() / 1000);

// As in production, and like miniauth: every request is logged.
const app = Fastify({ logger: { file: '/dev/stderr' } });

const AUTH = {
  body: {
    type: 'object',
    required: ['authcode'],
    additionalProperties: false,
    properties: { authcode: { type: 'string', maxLength: 256 }, scope: { enum: ['auth_base', 'auth_user'] } },
  },
};

app.post('/auth', { schema: AUTH }, async (request) => {
  const { authcode: code, scope = 'auth_base' } = request.body;
  const tokens = await sdk.exec('alipay.system.oauth.token', { grantType: 'authorization_code', code }, validated);
  const user =
    scope === 'auth_user' ? await sdk.exec('alipay.user.info.share', { authToken: tokens.accessToken }, validated) : undefined;
  const session = randomBytes(32).toString('base64url');
  const subject = tokens.openId ?? tokens.userId;
  const member = store.logIn({ hash: hashOf(session), subject, scope, tokens, user, now: seconds(), lives: SESSION_SECONDS });
  return { session, expires_in: SESSION_SECONDS, member };
});

/** What every handler of the team's own starts with. */
async function requireSession(request, reply) {
  const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  request.session = token && store.session(hashOf(token), seconds());
  if (!request.session) await reply.code(401).send({ code: 'session_unknown' });
}

app.get('/session', { preHandler: requireSession }, async ({ session }) => ({
  expires_in: session.expires_at - seconds(),
  scope: session.scope,
  member: session.nick_name === null ? null : { nick_name: session.nick_name, avatar: session.avatar },
}));

app.delete('/auth', { preHandler: requireSession }, async ({ session }, reply) => {
  store.logOut(session.hash);
  return reply.code(204).send();
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`server listening on ${url}`);

process.once('SIGTERM', async () => {
  await app.close();
  store.close();
});
