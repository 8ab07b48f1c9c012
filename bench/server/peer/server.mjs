// The server that a team would write with common libraries: Fastify, the official SDK, better-sqlite3 or pg, and ioredis. One process, as usual.
//
//   node bench/server/peer/server.mjs SANDBOX.json DATABASE [REDIS]
//
// SANDBOX.json is the output of `miniauth sandbox --print-config`, DATABASE a file or PostgreSQL's address, REDIS the store for sessions. The
// endpoints are miniauth's that the benchmark uses. One back-end may introspect: its secret's hash is in PEER_BACKEND_HASH.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AlipaySdk } from 'alipay-sdk';
import Fastify from 'fastify';

const SESSION_SECONDS = 7 * 24 * 3600;

const [, , description, database, redis] = process.argv;
const platform = JSON.parse(readFileSync(description, 'utf8'));
// Loads only the packages of the chosen store.
const store = database.startsWith('postgres')
  ? await (await import('./networked.mjs')).openNetworkedStore(database, redis)
  : (await import('./store.mjs')).openStore(database);
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

// Logs every request, as in production and like miniauth.
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
  const user = scope === 'auth_user' ? await sdk.exec('alipay.user.info.share', { authToken: tokens.accessToken }, validated) : undefined;
  const session = randomBytes(32).toString('base64url');
  const subject = tokens.openId ?? tokens.userId;
  const member = await store.logIn({ hash: hashOf(session), subject, scope, tokens, user, now: seconds(), lives: SESSION_SECONDS });
  return { session, expires_in: SESSION_SECONDS, member };
});

/** The start of every handler. */
async function requireSession(request, reply) {
  const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  request.session = token && (await store.session(hashOf(token), seconds()));
  if (!request.session) await reply.code(401).send({ code: 'session_unknown' });
}

app.get('/session', { preHandler: requireSession }, async ({ session }) => ({
  expires_in: session.expires_at - seconds(),
  scope: session.scope,
  member: session.nick_name === null ? null : { nick_name: session.nick_name, avatar: session.avatar },
}));

app.delete('/auth', { preHandler: requireSession }, async ({ session }, reply) => {
  await store.logOut(session.hash);
  return reply.code(204).send();
});

const backendHash = Buffer.from(process.env.PEER_BACKEND_HASH ?? '', 'hex');

app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
  done(null, new URLSearchParams(body)),
);

app.post('/introspect', async (request, reply) => {
  const [, encoded] = /^Basic (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  const secret =
    Buffer.from(encoded ?? '', 'base64')
      .toString()
      .split(':')[1] ?? '';
  if (backendHash.length === 0 || !timingSafeEqual(hashOf(secret), backendHash)) return reply.code(401).send({ error: 'invalid_client' });
  const token = request.body.get('token') ?? '';
  const session = await store.session(hashOf(token), seconds());
  if (!session) return { active: false };
  const { subject, scope, expires_at: exp, nick_name, avatar } = session;
  return { active: true, token_type: 'Bearer', sub: subject, scope, exp, member: nick_name === null ? null : { nick_name, avatar } };
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`server listening on ${url}`);

process.once('SIGTERM', async () => {
  await app.close();
  await store.close();
});
