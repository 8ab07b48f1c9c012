// A back-end in Node (Express) that accepts miniauth's sessions: with signed tokens (/orders), and by introspection (/account).

import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { MINIAUTH, AUDIENCE = 'shop', BACKEND_NAME, BACKEND_SECRET, PORT = '0' } = process.env;

/** Cached for five minutes, and reloaded for an unknown key, at most every two seconds. */
const keys = createRemoteJWKSet(new URL(`${MINIAUTH}/.well-known/jwks.json`), { cacheMaxAge: 300_000, cooldownDuration: 2_000 });

/** The requirements for a token: never omit the algorithm, the audience or the issuer. */
const RULES = { algorithms: ['ES256'], audience: AUDIENCE, issuer: 'miniauth', requiredClaims: ['sub', 'exp'] };

const bearerOf = (request) => /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];

/** The page's client takes this answer for an expired session, logs in again and retries once. */
function unauthorized(response) {
  const problem = { type: 'urn:miniauth:problem:session_unknown', title: 'Log in again.', status: 401, code: 'session_unknown' };
  response
    .status(401)
    .set('www-authenticate', 'Bearer error="invalid_token"')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** Verifies a signed token locally, so a logout takes effect only when the token expires. */
async function byToken(request, response, next) {
  try {
    const { payload } = await jwtVerify(bearerOf(request) ?? '', keys, RULES);
    request.subject = payload.sub;
    next();
  } catch (error) {
    if (error?.code?.startsWith('ERR_J')) unauthorized(response);
    else next(error);
  }
}

/** Asks miniauth about the session, so a logout takes effect at once. */
async function bySession(request, response, next) {
  const token = bearerOf(request);
  if (!token) return unauthorized(response);
  const authorization = `Basic ${Buffer.from(`${BACKEND_NAME}:${BACKEND_SECRET}`).toString('base64')}`;
  const answer = await fetch(`${MINIAUTH}/introspect`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ token }),
  });
  if (!answer.ok) throw new Error(`miniauth answered ${answer.status}`);
  const session = await answer.json();
  if (!session.active) return unauthorized(response);
  request.subject = session.subject;
  return next();
}

const app = express();
app.get('/orders', byToken, (request, response) => response.json({ subject: request.subject }));
app.get('/account', bySession, (request, response) => response.json({ subject: request.subject }));
const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`backend listening on http://127.0.0.1:${server.address().port}`));
