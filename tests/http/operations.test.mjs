import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertProblem, curl, postAuth, startBoth, storedBytes, withSession } from './support.mjs';
import * as programs from '../support/program.mjs';

test('the id that a client is told finds its line in the log, where the user is a mark', async (t) => {
  const { server, control } = await startBoth(t, { MINIAUTH_LOG_FORMAT: 'json' });
  const { session } = (await postAuth(server, { authcode: await control.authCode('zhang-wei') })).body;
  const answer = await withSession(server, session, '/session');
  const id = answer.headers['x-request-id'];
  assert.match(id, /^[0-9a-f]{32}$/);
  const line = JSON.parse(server.log.split('\n').find((text) => text.includes(id)));
  assert.deepEqual([line.route, line.status, line.span.request_id], ['/session', 200, id]);
  assert.match(line.span.user, /^[0-9a-f]{16}$/);
});

test('readiness and counters', async (t) => {
  const { server, control } = await startBoth(t);
  await postAuth(server, { authcode: await control.authCode('zhang-wei') });
  assert.deepEqual((await curl(`${server.url}/readyz`)).body, { status: 'ready' });
  const { headers, body } = await curl(`${server.url}/metrics`);
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^miniauth_logins_total\{outcome="ok"\} 1$/m);
});

test('metrics and readiness at a listener of their own', async (t) => {
  const { server } = await startBoth(t, { MINIAUTH_METRICS_LISTEN: '127.0.0.1:0' });
  const [, metrics] = await server.line(/^metrics listening on (http:\/\/\S+)$/);
  for (const address of ['/metrics', '/readyz', '/readyz/reads']) {
    assertProblem(await curl(`${server.url}${address}`), 404, 'not_found');
    assert.equal((await curl(`${metrics}${address}`)).status, 200, address);
  }
  assertProblem(await curl(`${metrics}/session`), 404, 'not_found');
});

test('the alerts fire when they should, and use metrics that the server has', async (t) => {
  const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));
  const promtool = (...args) => programs.run(['promtool', ...args], { cwd: folder, timeout: 60_000 });
  for (const args of [
    ['check', 'rules', 'miniauth.rules.yml'],
    ['test', 'rules', 'miniauth.rules.test.yml'],
  ]) {
    const { code, stdout, stderr } = await promtool(...args);
    assert.equal(code, 0, stdout + stderr);
  }
  const { server, control } = await startBoth(t);
  await postAuth(server, { authcode: await control.authCode('zhang-wei') });
  const { body } = await curl(`${server.url}/metrics`);
  const rules = await readFile(path.join(folder, 'miniauth.rules.yml'), 'utf8');
  const asked = new Set(rules.match(/\bminiauth_\w+(?=\{)/g));
  assert.ok(asked.size > 5);
  for (const name of asked) assert.ok(new RegExp(`^${name}[{ ]`, 'm').test(body), `${name} is not in:\n${body}`);
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  const tests = await readFile(path.join(folder, 'miniauth.rules.test.yml'), 'utf8');
  for (const name of alerts) assert.ok(tests.includes(name), `no test has ${name} fire`);
});

test('an erased member is in no file', async (t) => {
  const { folder, server, control } = await startBoth(t);
  const authcode = await control.authCode('li-na', 'auth_user');
  const { session, member } = (await postAuth(server, { authcode, scope: 'auth_user' })).body;
  assert.ok((await storedBytes(folder)).includes(member.nick_name));
  assert.equal((await withSession(server, session, '/member', '--request', 'DELETE')).status, 204);
  const stored = await storedBytes(folder);
  assert.ok(!stored.includes(member.nick_name) && !stored.includes(member.open_id ?? member.user_id));
  assertProblem(await withSession(server, session, '/member'), 401, 'session_unknown');
});
