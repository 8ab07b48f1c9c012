// The configuration of examples/backends/nginx, unchanged except for its addresses: the real nginx in front of the real server
// and a back-end that does not handle sessions itself. The page is the packed client.

import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { ORIGIN, Platform } from '../bare/support/platform.mjs';
import { startBoth } from '../http/support.mjs';
import { startNginx } from '../support/nginx.mjs';
import { freeAddress } from '../support/ports.mjs';
import * as programs from '../support/program.mjs';

const EXAMPLE = path.join(import.meta.dirname, '../../examples/backends/nginx');

let client;

before(async () => {
  client = await installPacked();
});
after(() => client.remove());

/** Starts nginx with the example's configuration; returns its address once it answers. */
async function startExample(t, folder, addresses) {
  const own = path.join(folder, 'nginx');
  await cp(EXAMPLE, own, { recursive: true });
  const url = `http://${await freeAddress()}`;
  const written = { 8701: addresses.server, 8080: addresses.backend, 8000: url };
  const words = Object.entries(written).map(([port, real]) => [`127.0.0.1:${port};`, `${new URL(real).host};`]);
  const conf = await readFile(path.join(own, 'nginx.conf'), 'utf8');
  const nginx = await startNginx(t, { folder: own, conf, words: Object.fromEntries(words), ask: () => fetch(url) });
  return { url, nginx };
}

test('nginx asks for each request whose session it is, and a back-end that knows nothing learns it from a header', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t, { MINIAUTH_TRUSTED_PROXIES: '127.0.0.1' });
  const backend = await programs.start(t, [process.execPath, path.join(EXAMPLE, 'backend.mjs')], { env: { PORT: '0' } }).listening();
  const { url, nginx } = await startExample(t, folder, { server: server.url, backend: backend.url });

  const user = await control.newUser();
  const platform = new Platform({ sandbox: sandbox.url, server: url }, user.id, 'current');
  const engine = bareEngine('iOS', client.folder);
  const auth = engine.require().createAuth({ my: platform.my, server: ORIGIN, ...engine.options });
  const exchanges = async () => (await control.calls()).filter((method) => method === 'alipay.system.oauth.token').length;
  const ask = async (where, headers = {}, rest = {}) => {
    const answer = await fetch(url + where, { headers, ...rest });
    const text = await answer.text();
    const body = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    return { status: answer.status, body, retryAfter: answer.headers.get('retry-after') };
  };
  const forged = {
    'x-miniauth-subject': '0000000000000001',
    'x-miniauth-app': 'x',
    'x-miniauth-scope': 'auth_user',
    'x-miniauth-token': 'x',
  };

  // Login, by the page's first request: the client understands the 401 that nginx passes on.
  const { data: orders } = await auth.httpRequest({ url: `${ORIGIN}/orders` });
  assert.match(orders.subject, /^[0-9a-f]{16}$/);
  const session = /[\w-]{43}/.exec([...platform.texts.values()].join(' '))[0];
  const bearer = { authorization: `Bearer ${session}` };
  assert.equal((await ask('/session', bearer)).body.subject, orders.subject, 'who the server says it is');

  // A client cannot set the headers itself.
  assert.deepEqual(await ask('/orders', { ...bearer, ...forged }), { status: 200, body: orders, retryAfter: null });
  for (const [what, headers] of [
    ['headers alone', forged],
    ['nothing', {}],
    ['no session', { authorization: 'Bearer x' }],
    ['another scheme', { authorization: `Basic ${session}` }],
  ]) {
    const { status, body } = await ask('/orders', headers);
    assert.equal(status, 401, what);
    assert.match(body.code, /^(bearer_missing|session_unknown)$/, what);
  }
  // A request with a body works too: nginx asks miniauth without the body, and the answer comes after the whole body.
  const posted = await ask('/orders', bearer, { method: 'POST', body: 'x'.repeat(100_000) });
  assert.deepEqual(posted.body, orders);

  // Internal addresses cannot be reached: the request goes to the back-end, which has no such address.
  for (const inside of ['/introspect', '/forward-auth', '/metrics', '/_session', '/readyz']) {
    assert.equal((await ask(inside)).status, inside === '/_session' ? 404 : 401, inside);
    assert.equal((await ask(inside, bearer)).status, 404, inside);
  }

  // A revoked session is rejected at once, and the page logs in again, once.
  assert.equal((await ask('/auth', bearer, { method: 'DELETE' })).status, 204);
  assert.equal((await ask('/orders', bearer)).body.code, 'session_unknown');
  const logins = await exchanges();
  assert.deepEqual((await auth.httpRequest({ url: `${ORIGIN}/account` })).data, orders);
  assert.equal(await exchanges(), logins + 1, 'one login');

  // Without miniauth, nginx lets nobody in and sends nobody to log in.
  await server.stop();
  const down = await ask('/orders', bearer);
  assert.deepEqual([down.status, down.retryAfter], [503, '1'], JSON.stringify(down.body));
  assert.ok(nginx.running);
});
