import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startSimulator } from '../server/simulator.mjs';
import { Stage } from './support/stage.mjs';

/** A large app and a long session: the time to start, and the memory left behind. The limits are for a long run on an idle machine. */

const LONG = Boolean(process.env.MINIAUTH_LONG);
const PAGES = 100;
const CHANGES = 500;
const EDITS = 50;

/** The time limit for the start, in milliseconds. */
const START = LONG ? 5000 : Infinity;

/** The most that the second half may leave behind, in bytes. */
const LEFT = 1_000_000;

const page = (number) => ({
  [`pages/p${number}.axml`]: `<view class="number">${number}</view><view a:for="{{rows}}" a:key="id"><text>{{item.name}}</text></view><button class="walk" onTap="walk">walk</button>`,
  [`pages/p${number}.acss`]: `.number { font-size: ${20 + number}rpx; }`,
  [`pages/p${number}.js`]: `const app = getApp();
Page({
  data: { rows: Array.from({ length: 20 }, (_, id) => ({ id, name: 'row ' + id })) },
  onReady() { if (app.left > 0) { app.left -= 1; my.redirectTo({ url: '/pages/p${(number + 1) % PAGES}' }); } else { my.setNavigationBar({ title: 'walk ' + app.walks }); } },
  walk() { app.walks += 1; app.left = ${CHANGES / 2}; this.onReady(); },
});`,
});

const FILES = {
  'app.json': JSON.stringify({ pages: Array.from({ length: PAGES }, (_, number) => `pages/p${number}`) }),
  'app.js': 'App({ left: 0, walks: 0 });',
  ...Object.assign({}, ...Array.from({ length: PAGES }, (_, number) => page(number))),
};

let stage;
before(async () => {
  stage = await Stage.open({ files: FILES });
});
after(() => stage.close());

test(`an app of ${PAGES} pages is soon on the screen`, async (t) => {
  const started = performance.now();
  const simulator = await startSimulator({ appDir: stage.appDir, port: 0, sandboxUrl: stage.sandboxUrl, mapping: {}, onLog() {} });
  try {
    const built = performance.now();
    const view = await stage.browser.newPage();
    await view.goto(`${simulator.url}/?user=zhang-wei`);
    await view.locator('.phone-page .number').waitFor();
    const milliseconds = Math.round(performance.now() - started);
    t.diagnostic(`on the screen after ${milliseconds} ms, ${Math.round(built - started)} of them for the build`);
    assert.ok(milliseconds < START, `${milliseconds} ms`);
    await view.close();
  } finally {
    await simulator.close();
  }
});

/** The heap sizes of a page and its Worker after a garbage collection, in bytes. */
async function heapMeter(view) {
  const session = await view.context().newCDPSession(view);
  const workers = new Map();
  const waiting = new Map();
  let next = 1;
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.set(sessionId, true));
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const ask = (sessionId, method) =>
    new Promise((resolve) => {
      const id = next;
      next += 1;
      waiting.set(id, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    });
  return async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    let worker = 0;
    for (const sessionId of workers.keys()) {
      await ask(sessionId, 'HeapProfiler.collectGarbage');
      worker += (await ask(sessionId, 'Runtime.getHeapUsage')).usedSize;
    }
    return { page: usedSize, worker, workers: workers.size };
  };
}

/** Does something twice and compares the memory afterwards: the first time is a warm-up. */
async function leftAfter(t, view, what, work) {
  const heaps = await heapMeter(view);
  const measured = [];
  for (const half of [0, 1]) {
    await work(half);
    // The timeline is meant to grow.
    await view.locator('[data-action="clear-timeline"]').click();
    measured.push(await heaps());
  }
  const [first, second] = measured;
  t.diagnostic(`${what}: page ${first.page} -> ${second.page} bytes, Worker ${first.worker} -> ${second.worker}`);
  assert.equal(second.workers, 1);
  assert.ok(first.worker > 0);
  for (const heap of ['page', 'worker']) assert.ok(second[heap] - first[heap] < LEFT, `${heap}: ${first[heap]} -> ${second[heap]}`);
}

/** Long tests are not registered in an ordinary run, because a skipped test counts as failed. */
const inLongRuns = (title, run) => LONG && test(title, run);

inLongRuns(`memory is steady over ${CHANGES} changes of the page`, async (t) => {
  const view = await stage.page();
  await leftAfter(t, view, `${CHANGES} pages`, async (half) => {
    await view.locator('.phone-page .walk').click();
    await view.locator('.phone-title h1', { hasText: `walk ${half + 1}` }).waitFor({ timeout: 120_000 });
  });
});

inLongRuns(`memory is steady over ${EDITS} changes of the code`, async (t) => {
  const view = await stage.page();
  const file = (extension) => path.join(stage.appDir, `pages/p0.${extension}`);
  const [axml, code] = await Promise.all(['axml', 'js'].map((extension) => readFile(file(extension), 'utf8')));
  await leftAfter(t, view, `${EDITS} edits`, async (half) => {
    for (let edit = 0; edit < EDITS / 2; edit += 1) {
      const word = `edit${half}x${edit}`;
      if (edit % 2 === 0) await writeFile(file('axml'), `${axml}<view class="${word}">{{word}}</view>`);
      else await writeFile(file('js'), code.replace('data: {', `data: { word: '${word}',`));
      await (edit % 2 === 0 ? view.locator(`.phone-page .${word}`) : view.locator('.phone-page', { hasText: word })).waitFor({
        state: 'attached',
      });
    }
  });
});
