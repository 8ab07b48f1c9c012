import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { reads, Stage } from './support/stage.mjs';

/** Names that page logic must not find. There is no global object to inspect, so each name is tried. */
const MISSING = words(`
  globalThis global self window document location origin name fetch XMLHttpRequest WebSocket WebTransport
  EventSource Request Worker SharedWorker BroadcastChannel MessageChannel importScripts postMessage onmessage
  addEventListener dispatchEvent close indexedDB caches crypto performance TextEncoder TextDecoder
  queueMicrotask structuredClone reportError BigInt Atomics SharedArrayBuffer WeakRef FinalizationRegistry URL Blob
  btoa atob MYWebAssembly AlipayJSBridge
`);

const PRESENT = words(`
  my App Page getApp getCurrentPages console setTimeout Promise Proxy WebAssembly Function navigator
`);

function words(text) {
  return text.trim().split(/\s+/);
}

/** Attempts that page code can still make without those names. */
const WITHOUT_NAMES = {
  'new Function': 'new Function("return 1")()',
  eval: 'eval("1")',
  "a function's constructor": '(() => {}).constructor("return 1")()',
  "an async function's constructor": 'Object.getPrototypeOf(async () => {}).constructor("return 1")()',
  "a generator's constructor": 'Object.getPrototypeOf(function* () {}).constructor("return 1")()',
  "an async generator's constructor": 'Object.getPrototypeOf(async function* () {}).constructor("return 1")()',
  'a string timer': 'setTimeout("1", 0)',
  'an interval of a string': 'setInterval("1", 0)',
  'fetch of the global object': '(function () { return this.fetch("/"); })()',
};

/** The same with the browser's globals given back as `held`: only the policy is left to block them. */
const WITH_NAMES = {
  fetch: 'held.fetch("/__simulator/project.json")',
  XMLHttpRequest:
    'opened(new held.XMLHttpRequest(), "onload", (request) => { request.open("GET", "/__simulator/project.json"); request.send(); })',
  EventSource: 'opened(new held.EventSource("/__simulator/events"), "onopen")',
  WebSocket: 'opened(new held.WebSocket("ws://127.0.0.1:" + PORT), "onopen")',
  importScripts: 'held.importScripts("data:text/javascript,1")',
  Worker: 'opened(new held.Worker("data:text/javascript,postMessage(1)"), "onmessage")',
  eval: '(0, held.eval)("1")',
};

const PAGE = `
const opened = (object, event, start = () => {}) => new Promise((resolve, reject) => {
  object[event] = resolve;
  object.onerror = () => reject(new Error('refused'));
  start(object);
});
const reached = async (attempts) => {
  const names = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try { await attempt(); names.push(name); } catch (error) { console.log(name, String(error)); }
  }
  return names;
};
Page({
  data: { outcome: '' },
  async run() {
    const outcome = {
      navigator: Object.getOwnPropertyNames(navigator),
      present: [${[...MISSING, ...PRESENT].map((name) => `typeof ${name} !== 'undefined' && '${name}'`)}].filter(Boolean),
      withoutNames: await reached({ ${attempts(WITHOUT_NAMES)} }),
      withNames: typeof held === 'undefined' ? [] : await reached({ ${attempts(WITH_NAMES)} }),
      wasm: Object.prototype.toString.call((await WebAssembly.instantiate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).instance),
    };
    this.setData({ outcome: JSON.stringify(outcome) });
  },
});`;

function attempts(table) {
  return Object.entries(table)
    .map(([name, code]) => `${JSON.stringify(name)}: async () => ${code}`)
    .join(',\n');
}

let folder;
let stage;
let sockets;

before(async () => {
  sockets = await countConnections();
  folder = await mkdtemp(path.join(tmpdir(), 'miniauth-isolation-'));
  await mkdir(path.join(folder, 'pages'));
  const files = {
    'app.json': '{ "pages": ["pages/a"] }',
    'app.js': 'App({});',
    'package.json': '{ "private": true }',
    'pages/a.axml': '<view><button class="run" onTap="run">run</button><text class="outcome">{{outcome}}</text></view>',
    'pages/a.js': PAGE.replace('PORT', sockets.port),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
  stage = await Stage.open({ appDir: folder });
  assert.deepEqual(stage.log, []);
});

after(async () => {
  await stage.close();
  await sockets.close();
  await rm(folder, { recursive: true });
});

/**
 * Runs the page's attempts and returns their results.
 * @param {(page: import('playwright-core').Page) => Promise<void>} [prepare] called before the page is opened again
 */
async function outcome(prepare) {
  const page = await stage.page();
  if (prepare) {
    await prepare(page);
    await page.reload();
  }
  await page.locator('.phone-page .run').click();
  await reads(page, '.outcome', /./);
  return JSON.parse(await page.locator('.phone-page .outcome').textContent());
}

/** Serves the Worker's script with the browser's globals kept for page code, and with changed headers. */
function giveNamesBack(changeHeaders) {
  return (page) =>
    page.route('**/__simulator/worker.js*', async (route) => {
      const response = await route.fetch();
      const names = Object.keys(WITH_NAMES).map((name) => `${name}: /^[A-Z]/.test('${name}') ? self.${name} : self.${name}.bind(self)`);
      await route.fulfill({
        response,
        headers: changeHeaders(response.headers()),
        body: `const held = { ${names} };\n${await response.text()}`,
      });
    });
}

test('page logic finds none of the globals that a mini-program lacks, and all that it has', async () => {
  const { present, navigator } = await outcome();
  assert.deepEqual(present, PRESENT);
  assert.deepEqual(navigator, ['userAgent', 'swuserAgent'], 'two texts, and not the browser’s');
});

test('strings never become code, and WebAssembly compiles', async () => {
  const { withoutNames, wasm } = await outcome();
  assert.deepEqual(withoutNames, []);
  assert.equal(wasm, '[object WebAssembly.Instance]');
});

test("even with the browser's own globals, the script's policy lets nothing out", async () => {
  const tried = sockets.count();
  assert.deepEqual((await outcome(giveNamesBack((headers) => headers))).withNames, []);
  assert.equal(sockets.count(), tried);
});

test('the control: without that policy the same attempts succeed', async () => {
  const tried = sockets.count();
  const { withNames } = await outcome(giveNamesBack((headers) => ({ ...headers, 'content-security-policy': '' })));
  assert.deepEqual(
    withNames,
    Object.keys(WITH_NAMES).filter((name) => name !== 'WebSocket'),
  );
  assert.ok(sockets.count() > tried, 'nothing answers the WebSocket, but it was tried');
});

/** A server that counts its connections. */
async function countConnections() {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: server.address().port,
    count: () => connections,
    close: () => new Promise((resolve) => void server.close(resolve)),
  };
}
