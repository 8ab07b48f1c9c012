import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { forward } from '../../../simulator/server/forward.mjs';
import { startSimulator } from '../../../simulator/server/simulator.mjs';
import { startEcho } from '../../../simulator/test/support/echo.mjs';
import { startSandbox, temporaryFolder } from '../../http/support.mjs';
import { APP, CONTROLS, FOREIGN, TARGETS, WAYS_OUT } from './sandbox.mjs';

async function echo(t) {
  const server = await startEcho();
  t.after(() => server.close());
  return { ...server, host: new URL(server.url).host };
}

/** Returns the status of a request whose target is sent exactly as written. */
async function status(url, method, target, headers = {}) {
  const { hostname, port } = new URL(url);
  const request = http.request({ hostname, port, method, path: target, headers, agent: false }).end();
  const [answer] = await once(request, 'response');
  answer.resume();
  return answer.statusCode;
}

test('only what is mapped is reached: addresses of page code', async (t) => {
  const [own, other] = [await echo(t), await echo(t)];
  const never = new AbortController().signal;
  const headers = [['X-Mine', 'yes']];
  for (const way of WAYS_OUT) {
    const url = way(other.host);
    if (!URL.canParse(url)) continue;
    const answer = await forward({ url, method: 'POST', headers, body: Buffer.from('{}') }, { [APP]: own.url }, never);
    assert.equal(answer.mappedTo ?? own.url, own.url, url);
    assert.ok(answer.status === 200 || /no local server for/.test(answer.failed), `${url}: ${answer.failed}`);
  }
  assert.deepEqual(other.seen, []);
  assert.ok(own.seen.length > 10, `${own.seen.length} reached their own server`);
});

test('only what is mapped is reached: targets of the simulator', async (t) => {
  const other = await echo(t);
  const folder = await temporaryFolder(t);
  await writeFile(path.join(folder, 'app.json'), '{"pages":["a"]}');
  await writeFile(path.join(folder, 'app.js'), 'App({})');
  await writeFile(path.join(folder, 'a.axml'), '<view/>');
  await writeFile(path.join(folder, 'a.js'), 'Page({})');
  const log = [];
  const onLog = (line) => log.push(line);
  const simulator = await startSimulator({ appDir: folder, port: 0, sandboxUrl: other.url, mapping: {}, onLog });
  t.after(() => simulator.close());
  for (const target of TARGETS) {
    const found = await status(simulator.url, 'GET', target(other.host));
    assert.ok([400, 404].includes(found), `${target(other.host)}: ${found}`);
  }
  assert.deepEqual(
    other.seen.filter(({ url }) => !url.startsWith('/control/')),
    [],
  );
  assert.deepEqual(
    log.filter((line) => line.startsWith('simulator: ')),
    [],
  );
});

test('pages of other sites cannot steer the sandbox', async (t) => {
  const sandbox = await startSandbox(t, await temporaryFolder(t));
  for (const control of CONTROLS) {
    const [method, target] = control.split(' ');
    for (const headers of FOREIGN) {
      assert.equal(await status(sandbox.url, method, target, headers), 403, `${control} ${JSON.stringify(headers)}`);
    }
  }
  const own = { origin: sandbox.url, 'sec-fetch-site': 'same-origin' };
  assert.equal(await status(sandbox.url, 'POST', '/control/reset', own), 204);
  assert.equal(await status(sandbox.url, 'POST', '/control/reset'), 204);
});
