// Two apps from one configuration file, on one server.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  APP_ID,
  Control,
  OTHER_APP_ID,
  assertProblem,
  curl,
  postAuth,
  startSandbox,
  startServer,
  temporaryFolder,
  withSession,
} from './support.mjs';

/** Starts a sandbox and a server with both of its apps, from a file alone. Returns each app as if it were its own server. */
async function startTwoApps(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const key = (name) => path.join(folder, 'sandbox', name);
  const tables = [APP_ID, OTHER_APP_ID].flatMap((appId) => [
    '[[apps]]',
    `app_id = "${appId}"`,
    `app_private_key_file = "${key('app-private-key.pem')}"`,
    `alipay_public_key_file = "${key('alipay-public-key.pem')}"`,
  ]);
  const file = path.join(folder, 'miniauth.toml');
  const lines = [
    'listen = "127.0.0.1:0"',
    `database = "sqlite://${path.join(folder, 'miniauth.db')}"`,
    `gateway = "${sandbox.url}/gateway.do"`,
    ...tables,
  ];
  await writeFile(file, lines.join('\n'));
  const server = await startServer(t, folder, { MINIAUTH_CONFIG: file });
  const [app, other] = [APP_ID, OTHER_APP_ID].map((id) => ({ id, url: `${server.url}/apps/${id}` }));
  return { control: new Control(sandbox.url), server, app, other };
}

test('each app of a file has its endpoints under its own id, and knows its own sessions alone', async (t) => {
  const { control, app, other } = await startTwoApps(t);
  const sessions = new Map();
  for (const each of [app, other]) {
    const answer = await postAuth(each, { authcode: await control.authCode('zhang-wei', 'auth_base', { app_id: each.id }) });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    sessions.set(each, answer.body.session);
  }
  for (const [own, foreign] of [
    [app, other],
    [other, app],
  ]) {
    assert.equal((await withSession(own, sessions.get(own), '/session')).status, 200);
    assertProblem(await withSession(own, sessions.get(foreign), '/session'), 401, 'session_unknown');
  }
});

test('the root, and ids that are not configured, are answered 404', async (t) => {
  const { control, server } = await startTwoApps(t);
  const authcode = await control.authCode('zhang-wei');
  for (const nowhere of [server, { url: `${server.url}/apps/2021000000000009` }]) {
    assertProblem(await postAuth(nowhere, { authcode }), 404, 'not_found');
  }
  assert.deepEqual(await control.calls(), []);
  assert.equal((await curl(`${server.url}/healthz`)).status, 200);
});
