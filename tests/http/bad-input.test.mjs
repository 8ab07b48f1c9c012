import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { assertProblem, curl, postAuth, postJson, startBoth, withSession } from './support.mjs';

const BODIES = [
  ['', 400, 'body_malformed'],
  ['{', 400, 'body_malformed'],
  ['[]', 400, 'body_malformed'],
  ['"authcode"', 400, 'body_malformed'],
  [`${'['.repeat(10_000)}`, 400, 'body_malformed'],
  ['{}', 422, 'field_invalid', 'authcode'],
  ['{"authcode":null}', 422, 'field_invalid', 'authcode'],
  ['{"authcode":"with space"}', 422, 'field_invalid', 'authcode'],
  [`{"authcode":"${'a'.repeat(129)}"}`, 422, 'field_invalid', 'authcode'],
  ['{"authcode":"a","scope":"everything"}', 422, 'field_invalid', 'scope'],
  ['{"authcode":"a","login_id":"short"}', 422, 'field_invalid', 'login_id'],
  ['{"authcode":"a","consent":{"purpose":"","at":1}}', 422, 'field_invalid', 'consent.purpose'],
  ['{"authcode":"a","colour":"red"}', 422, 'field_unknown', 'colour'],
  ['{"authcode":"a","nickName":"x"}', 422, 'display_only_forwarded', 'nickName'],
  ['{"authcode":"a","nick_name":"x"}', 422, 'display_only_forwarded', 'nick_name'],
  ['{"authcode":"a","avatar":"x"}', 422, 'display_only_forwarded', 'avatar'],
  ['{"authcode":"a","profile":[{"avatarUrl":"x"}]}', 422, 'display_only_forwarded', 'profile[0].avatarUrl'],
];

test('each wrong body is a problem, nothing reaches the platform, and the server goes on', async (t) => {
  const { server, control } = await startBoth(t);
  for (const [body, status, code, field] of BODIES) {
    const answer = await postJson(`${server.url}/auth`, body);
    assertProblem(answer, status, code);
    assert.equal(answer.body.field, field, body);
  }
  const form = await curl('--data', 'authcode=a&userInfo=x', `${server.url}/auth`);
  assertProblem(form, 422, 'display_only_forwarded');
  assert.deepEqual(await control.calls(), []);
  assert.equal((await postAuth(server, { authcode: await control.authCode('zhang-wei') })).status, 200);
});

test('a body over 16 KiB, with its length and without', async (t) => {
  const { folder, server, control } = await startBoth(t);
  const file = path.join(folder, 'large.json');
  await writeFile(file, `{"authcode":"${'a'.repeat(16 * 1024)}"}`);
  const send = ['--header', 'Content-Type: application/json', '--data-binary', `@${file}`, `${server.url}/auth`];
  assertProblem(await curl(...send), 413, 'body_too_large');
  assertProblem(await curl('--header', 'Transfer-Encoding: chunked', ...send), 413, 'body_too_large');
  assert.equal((await postAuth(server, { authcode: await control.authCode('zhang-wei') })).status, 200);
});

test('other content types', async (t) => {
  const { server } = await startBoth(t);
  for (const type of ['text/plain', 'application/xml', 'application/json; charset=gbk', '']) {
    const answer = await curl('--header', `Content-Type: ${type}`, '--data', '{"authcode":"a"}', `${server.url}/auth`);
    assertProblem(answer, 415, 'content_type_unsupported');
  }
});

test('GET /auth says why not', async (t) => {
  const { server } = await startBoth(t);
  const answer = await curl(`${server.url}/auth?authcode=2e4248c2f50b4653bf18ecee3466UC18`);
  assertProblem(answer, 405, 'method_not_allowed');
  assert.deepEqual(answer.headers.allow.split(/,\s*/).sort(), ['DELETE', 'POST']);
  assert.match(answer.body.detail, /URL/);
  assert.ok(!server.log.includes('2e4248c2'), 'a code in a URL does not get into the log');
});

test('a missing, malformed or unknown bearer', async (t) => {
  const { server } = await startBoth(t);
  for (const [where, ...how] of [['/session'], ['/member'], ['/auth', '--request', 'DELETE']]) {
    const missing = await curl(...how, `${server.url}${where}`);
    assertProblem(missing, 401, 'bearer_missing');
    assert.match(missing.headers['www-authenticate'], /^Bearer /);
    for (const value of ['Bearer', 'Bearer short', 'Basic dXNlcjp3b3Jk', `Bearer ${'x'.repeat(5_000)}`, 'Bearer 昵称']) {
      const malformed = await curl(...how, '--header', `Authorization: ${value}`, `${server.url}${where}`);
      assertProblem(malformed, 400, 'bearer_malformed');
    }
  }
  assertProblem(await withSession(server, 'A'.repeat(43), '/session'), 401, 'session_unknown');
});

test('other paths', async (t) => {
  const { server } = await startBoth(t);
  for (const where of ['/', '/auth/', '/admin', '/%00', '/../etc/passwd']) {
    assertProblem(await curl('--path-as-is', `${server.url}${where}`), 404, 'not_found');
  }
  assert.deepEqual((await curl(`${server.url}/healthz`)).body, { status: 'ok' });
});
