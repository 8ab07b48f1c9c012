// Starts what deploy/compose.yaml puts into containers: PostgreSQL, Redis, two servers with its settings, and the real nginx with
// deploy/nginx.conf. Only addresses, files and the platform differ: the sandbox stands in for the platform.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startNginx } from '../support/nginx.mjs';
import { freeAddress } from '../support/ports.mjs';
import { postgresStore } from '../support/stores.mjs';
import { APP_ID, Control, curl, makeCertificate, postAuth, run, settings, startSandbox, startServer, withSession } from './support.mjs';

const DEPLOY = path.join(import.meta.dirname, '../../deploy');

/** Reads the settings from compose.yaml. */
async function composed() {
  const lines = (await readFile(path.join(DEPLOY, 'compose.yaml'), 'utf8')).matchAll(/^ {4}(MINIAUTH_\w+): (.+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

test('two servers, PostgreSQL, Redis and nginx as in compose.yaml: one server can end, and nobody notices', async (t) => {
  const store = await postgresStore(t, { withRedis: true });
  const { folder } = store;
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);

  const written = await composed();
  const { stdout: help } = await run(['serve', '--help']);
  for (const name of Object.keys(written)) {
    assert.ok(name === 'MINIAUTH_CONFIG' || help.includes(name.slice('MINIAUTH_'.length).toLowerCase()), `${name} is a setting`);
  }
  assert.equal(written.MINIAUTH_APP_ID, '${MINIAUTH_APP_ID:?}');
  // Addresses and files of this machine; everything else stays as written.
  const local = {
    ...settings(folder, sandbox),
    ...store.env,
    MINIAUTH_METRICS_LISTEN: '127.0.0.1:0',
    MINIAUTH_TRUSTED_PROXIES: '127.0.0.1',
  };
  delete local.MINIAUTH_CONTENT_KEY_FILE;
  assert.equal(local.MINIAUTH_APP_ID, APP_ID);
  const here = Object.keys(local).filter((name) => name !== 'MINIAUTH_GATEWAY');
  assert.deepEqual(
    here.filter((name) => !(name in written)),
    [],
    'compose.yaml sets all that this needs',
  );
  const servers = [
    await startServer(t, folder, { ...written, ...local, MINIAUTH_LISTEN: await freeAddress() }),
    await startServer(t, folder, { ...written, ...local }),
  ];

  const { certificate, key } = makeCertificate(folder, 'tls');
  const front = { url: `https://${await freeAddress()}` };
  const trusting = ['--cacert', certificate];
  const ask = (where, ...args) => curl(...trusting, ...args, `${front.url}${where}`);
  // In the container, the image provides these folders and starts nginx.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path tmp-${of};`);
  await startNginx(t, {
    folder,
    conf: `daemon off; pid nginx.pid; error_log stderr warn;\n${await readFile(path.join(DEPLOY, 'nginx.conf'), 'utf8')}`,
    words: {
      'http {': `http {\n${temporary.join('\n')}`,
      'server-1:8701': new URL(servers[0].url).host,
      'server-2:8701': new URL(servers[1].url).host,
      'listen 443 ssl': `listen ${new URL(front.url).host} ssl`,
      '/run/secrets/tls.pem': certificate,
      '/run/secrets/tls-key.pem': key,
    },
    ask: () => ask('/'),
  });

  const logIn = async () => {
    const answer = await postAuth(front, { authcode: await control.authCode('zhang-wei') }, ...trusting);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.session;
  };
  const check = async (session) => (await withSession(front, session, '/session', ...trusting)).status;
  const sessions = [await logIn(), await logIn()];
  for (const session of [...sessions, ...sessions]) assert.equal(await check(session), 200);

  // Internal endpoints are not reachable from outside.
  for (const inside of ['/metrics', '/readyz', '/healthz', '/introspect', '/forward-auth', '/.well-known/jwks.json']) {
    assert.equal((await ask(inside)).status, 404, inside);
  }
  const counted = [];
  for (const server of servers) {
    const [, metrics] = await server.line(/^metrics listening on (http:\/\/\S+)$/);
    assert.deepEqual((await curl(`${metrics}/readyz`)).body, { status: 'ready' });
    const { body } = await curl(`${metrics}/metrics`);
    counted.push(Number(/^miniauth_requests_total\{.*route="\/session",status="200"\} (\d+)$/m.exec(body)?.[1] ?? 0));
    assert.ok(!server.log.includes('trusted_proxies'), 'nginx is known as a proxy');
  }
  assert.ok(counted.every((count) => count > 0) && counted[0] + counted[1] === 4, `both answer: ${counted}`);

  // One server dies: sessions of both stay valid, and logins work.
  await servers[0].kill();
  for (let round = 0; round < 10; round += 1) {
    for (const session of sessions) assert.equal(await check(session), 200);
  }
  assert.equal(await check(await logIn()), 200);
  // It comes back with the same sessions.
  const again = await startServer(t, folder, { ...written, ...local, MINIAUTH_LISTEN: new URL(servers[0].url).host });
  await servers[1].stop();
  while ((await check(sessions[0])) !== 200) await wait(50);
  assert.equal(await check(sessions[1]), 200);
  assert.ok(again.running);
});
