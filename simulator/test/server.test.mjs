import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { WebSocket } from 'ws';
import { forward } from '../server/forward.mjs';
import { startEcho } from './support/echo.mjs';
import { Stage } from './support/stage.mjs';

const APP = 'https://api.shop.example';
let stage;
let origin;

before(async () => {
  stage = await Stage.open();
  origin = stage.simulator.url;
});
after(() => stage.close());

/** Sends a raw request, so that every header can be set. */
function ask(path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(origin), { method, path, headers, agent: false }, (response) => {
      const chunks = [];
      response
        .on('data', (chunk) => chunks.push(chunk))
        .on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

test('it listens on loopback only, and only answers to its own names', async () => {
  assert.equal(new URL(origin).hostname, '127.0.0.1');
  assert.equal((await ask('/')).status, 200);
  assert.equal((await ask('/', { headers: { host: 'evil.example' } })).status, 403);
  assert.equal((await ask('/', { headers: { host: `evil.example:${new URL(origin).port}` } })).status, 403);
});

test("another site's page is rejected", async () => {
  const json = { 'content-type': 'application/json' };
  const post = (headers) => ask('/__simulator/request', { method: 'POST', headers: { ...json, ...headers }, body: '{}' });
  assert.equal((await post({ origin: 'https://evil.example' })).status, 403);
  assert.equal((await post({ origin: 'null' })).status, 403);
  assert.equal((await post({ 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await ask('/__simulator/control/users', { headers: { origin: 'https://evil.example' } })).status, 403);
  assert.equal((await ask('/__simulator/project.json', { headers: { 'sec-fetch-site': 'same-site' } })).status, 403);
  assert.equal(
    (await ask('/', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } })).status,
    200,
    'a link may lead here',
  );
  assert.equal((await ask('/__simulator/project.json', { headers: { origin, 'sec-fetch-site': 'same-origin' } })).status, 200);
});

test("a WebSocket of another site's page is rejected, and there is one address for WebSockets", async () => {
  const upgraded = (path, headers) =>
    new Promise((resolve) => {
      const request = http.request(stage.simulator.url + path, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          ...headers,
        },
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.end();
    });
  assert.equal(await upgraded('/__simulator/socket'), 101);
  assert.equal(await upgraded('/__simulator/socket', { origin: 'https://evil.example' }), 403);
  assert.equal(await upgraded('/__simulator/socket', { host: 'evil.example' }), 403);
  assert.equal(await upgraded('/__simulator/other'), 404);
});

test("an invalid message on the page's WebSocket closes only that one", async () => {
  for (const text of [
    '{',
    '[]',
    '{"act":"other","values":[]}',
    '{"act":"send","values":["before the handshake"]}',
    '{"act":"handshake","values":[{"url":"x"}]}',
  ]) {
    const socket = new WebSocket(stage.simulator.url.replace(/^http/, 'ws') + '/__simulator/socket');
    socket.on('open', () => socket.send(text));
    const [code] = await once(socket, 'close');
    assert.equal(code, 1008, text);
  }
  assert.equal((await ask('/__simulator/project.json')).status, 200);
});

test('the policies: no eval on the page, nothing in the Worker except compiling WebAssembly', async () => {
  const page = (await ask('/')).headers['content-security-policy'];
  assert.match(page, /default-src 'none'/);
  assert.match(page, /script-src 'self';/);
  assert.doesNotMatch(page, /unsafe/);
  assert.equal(
    (await ask('/__simulator/worker.js')).headers['content-security-policy'],
    "default-src 'none'; script-src 'wasm-unsafe-eval'",
  );
});

test("nothing except the mini-program's images is served", async () => {
  assert.equal((await ask('/__simulator/files/assets/dot.svg')).status, 200);
  for (const path of [
    '/__simulator/files/app.js',
    '/__simulator/files/../../../package.json',
    '/__simulator/files/..%2f..%2fx.svg',
    '/__simulator/files/assets/%00.svg',
    '/__simulator/files/none.svg',
    '/package.json',
    '/__simulator/views/none.js',
    '/__simulator/avatar?url=https://other.example/a.png',
    '/__simulator/avatar',
  ]) {
    assert.equal((await ask(path)).status, 404, path);
  }
});

test('the control proxy reaches only the control interface', async () => {
  assert.equal((await ask('/__simulator/control/users')).status, 200);
  assert.equal((await ask('/__simulator/control/..%2fgateway.do', { method: 'POST' })).status, 404);
  assert.equal((await ask('/__simulator/control/users', { method: 'PATCH' })).status, 405);
});

test('bodies must be JSON and within the limit', async () => {
  const post = (body, type = 'application/json') =>
    ask('/__simulator/request', { method: 'POST', headers: { 'content-type': type }, body });
  assert.equal((await post('{}', 'text/plain')).status, 415);
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('{}')).status, 400);
  assert.equal((await post('[]')).status, 400);
  assert.equal(
    (
      await ask('/__simulator/report', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `"${'x'.repeat(70_000)}"`,
      })
    ).status,
    413,
  );
  assert.equal((await ask('/')).status, 200);
});

const send = (fields, { mapping = { [APP]: stage.echo.url }, signal = new AbortController().signal } = {}) =>
  forward({ url: `${APP}/a?b=1`, method: 'GET', headers: [], body: null, ...fields }, mapping, signal);

test('a request to a mapped address reaches its local server; cookies are separated from headers', async () => {
  const answer = await send({
    method: 'POST',
    headers: [
      ['X-Mine', 'yes'],
      ['host', 'spoofed.example'],
      ['cookie', 'a=b'],
    ],
    body: Buffer.from('字'),
    cookie: 'kept=1',
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.mappedTo, stage.echo.url);
  assert.deepEqual([answer.headers['set-cookie'], answer.cookies], [undefined, ['a=b']]);
  const { url, mine, body, cookie } = JSON.parse(answer.body);
  assert.deepEqual({ url, mine, body, cookie }, { url: '/a?b=1', mine: 'yes', body: '字', cookie: 'kept=1' });
});

test('a header in two spellings is sent twice', async () => {
  const answer = await send({
    headers: [
      ['Content-Type', 'text/plain'],
      ['content-type', 'application/json'],
    ],
  });
  assert.deepEqual(JSON.parse(answer.body).contentTypes, ['text/plain', 'application/json']);
});

test('requests to unmapped addresses are never sent', async () => {
  const asked = stage.echo.seen.length;
  for (const url of ['https://elsewhere.example/', `${APP}.evil.example/`, `${APP}:8443/`, 'http://api.shop.example/', stage.echo.url]) {
    const answer = await send({ url });
    assert.match(answer.failed, /no local server for/, url);
    assert.equal(answer.mappedTo, undefined);
  }
  assert.equal(stage.echo.seen.length, asked);
});

test('a server that is down, slow or endless', async () => {
  const gone = await startEcho();
  await gone.close();
  assert.match((await send({}, { mapping: { [APP]: gone.url } })).failed, /ECONNREFUSED/);
  assert.match((await send({ url: `${APP}/huge` })).failed, /the answer is over/);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  assert.match((await send({ url: `${APP}/slow` }, { signal: abort.signal })).failed, /aborted/);
});
