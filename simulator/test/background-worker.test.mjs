import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { compileProject } from '../compile/project.mjs';
import { WORKER_POLICY } from '../server/respond.mjs';
import { reads, Stage, timeline } from './support/stage.mjs';

/** (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)) */
const ADD = Buffer.from('0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b', 'hex');

/** Globals that a Worker has on the platform, and some that it lacks. */
const PRESENT = ['worker', 'MYWebAssembly', 'crypto', 'Promise', 'Uint8Array'];
const MISSING = [
  'my',
  'self',
  'postMessage',
  'onmessage',
  'setTimeout',
  'console',
  'WebAssembly',
  'fetch',
  'globalThis',
  'importScripts',
  'Worker',
  'TextDecoder',
  'queueMicrotask',
  'App',
];

const SCRIPT = `
var handlers = {
  echo: function (value) { return Promise.resolve(value); },
  add: function (path) {
    return MYWebAssembly.instantiate(path, {}).then(function (result) { return result.instance.exports.add(40, 2); });
  },
  names: function () {
    return Promise.resolve([${[...PRESENT, ...MISSING].map((name) => `typeof ${name} !== 'undefined' && '${name}'`)}].filter(Boolean));
  },
  random: function () { return Promise.resolve(crypto.getRandomValues(new Uint8Array(8)).length); },
  code: function () { return new Promise(function () { new Function('return 1')(); }); },
  fail: function () {
    throw new Error('the Worker failed');
  }
};
worker.onMessage(function (message) {
  handlers[message.what](message.value).then(
    function (value) { worker.postMessage({ what: message.what, value: value }); },
    function (error) { worker.postMessage({ what: message.what, error: String(error) }); }
  );
});
`;

const PAGE = `
let worker;
Page({
  data: { asked: ['echo', 'add', 'add-relative', 'add-missing', 'add-module', 'names', 'random', 'code', 'fail', 'second', 'unlisted', 'terminate'], result: '' },
  ask(event) {
    const name = event.currentTarget.dataset.name;
    this.setData({ result: '' });
    if (name === 'second' || name === 'unlisted') {
      const none = my.createWorker(name === 'second' ? 'workers/index.js' : 'workers/other.js');
      this.setData({ result: 'made ' + JSON.stringify(none) });
      return;
    }
    if (name === 'terminate') {
      worker.terminate();
      worker = undefined;
      return;
    }
    if (!worker) {
      worker = my.createWorker('workers/index.js', { useExperimentalWorker: true });
      this.seen = [];
      worker.onMessage((message) => {
        this.seen.push(message.what);
        this.setData({ result: message.error || JSON.stringify(message.value) + ' ' + this.seen.length });
      });
    }
    const values = {
      echo: { text: '\\ud800\\0😀', list: [1, undefined], bytes: new Uint8Array([1, 2]).buffer },
      add: '/workers/add.wasm',
      'add-relative': 'workers/add.wasm',
      'add-missing': '/workers/none.wasm',
      'add-module': '/node_modules/some/add.wasm',
    };
    const before = values.echo;
    worker.postMessage({ what: name.split('-')[0], value: values[name] });
    before.text = 'changed after it was posted';
  },
});`;

const FILES = {
  'app.json': '{ "pages": ["pages/a"], "workers": ["workers/index.js"] }',
  'app.js': 'App({});',
  'mini.project.json': '{ "assetsInclude": ["**/*.wasm"] }',
  'package.json': '{ "private": true }',
  'pages/a.axml':
    '<view><button a:for="{{asked}}" a:key="*this" class="{{item}}" data-name="{{item}}" onTap="ask">{{item}}</button><text class="result">{{result}}</text></view>',
  'pages/a.js': PAGE,
  'workers/index.js': SCRIPT,
  'workers/add.wasm': ADD,
  'node_modules/some/add.wasm': ADD,
};

let stage;

before(async () => {
  stage = await Stage.open({ files: FILES });
  assert.deepEqual(stage.log, []);
});

after(() => stage?.close());

const ask = (page, name) => page.locator(`.phone-page .${name}`).click();

test('messages go both ways as structured copies, taken when they are posted', async () => {
  const page = await stage.page();
  await ask(page, 'echo');
  await reads(page, '.result', String.raw`{"text":"\ud800\u0000😀","list":[1,null],"bytes":{}} 1`);
  await ask(page, 'echo');
  await reads(page, '.result', / 2$/);
  const calls = (await timeline(page)).filter(({ name }) => name === 'createWorker');
  assert.deepEqual(
    calls.map(({ outcome, fields }) => [outcome, fields.path]),
    [['success', 'workers/index.js']],
  );
});

test('MYWebAssembly loads packaged modules by absolute path', async () => {
  const page = await stage.page();
  await ask(page, 'add');
  await reads(page, '.result', '42 1');
  await ask(page, 'add-relative');
  await reads(page, '.result', /takes an absolute path in the package, not workers\/add\.wasm/);
  await ask(page, 'add-missing');
  await reads(page, '.result', /there is no module \/workers\/none\.wasm in the package/);
  await ask(page, 'add-module');
  await reads(page, '.result', /modules in node_modules are not/);
  await writeFile(path.join(stage.appDir, 'mini.project.json'), '{}');
  try {
    await ask(page, 'add');
    await reads(page, '.result', /mini\.project\.json lacks "assetsInclude": \["\*\*\/\*\.wasm"\]/);
  } finally {
    await writeFile(path.join(stage.appDir, 'mini.project.json'), FILES['mini.project.json']);
  }
});

test('a Worker has messages, MYWebAssembly and random numbers, and cannot reach anything else', async () => {
  const page = await stage.page();
  await ask(page, 'names');
  await reads(page, '.result', `${JSON.stringify(PRESENT)} 1`);
  await ask(page, 'random');
  await reads(page, '.result', '8 2');
  await ask(page, 'code');
  await reads(page, '.result', /EvalError: new Function is not available/);
  const script = await fetch(`${stage.simulator.url}/__simulator/workers/0.js`);
  assert.equal(script.headers.get('content-security-policy'), WORKER_POLICY);
});

test('createWorker returns nothing if no Worker is possible: one at a time, only those listed in app.json', async () => {
  const page = await stage.page();
  await ask(page, 'unlisted');
  await reads(page, '.result', 'made undefined');
  await ask(page, 'echo');
  await reads(page, '.result', / 1$/);
  await ask(page, 'second');
  await reads(page, '.result', 'made undefined');
  const failed = (await timeline(page)).filter(({ name, outcome }) => name === 'createWorker' && outcome === 'fail');
  assert.match(failed[0].result.errorMessage, /"workers\/other\.js" is not in "workers" of app\.json/);
  assert.match(failed[1].result.errorMessage, /the platform allows one at a time/);
  await ask(page, 'terminate');
  await ask(page, 'echo');
  await reads(page, '.result', / 1$/);
});

test('Workers are for enterprise apps only', async () => {
  const page = await stage.page({ fault: 'personal-app' });
  await ask(page, 'second');
  await reads(page, '.result', 'made undefined');
  const [call] = (await timeline(page)).filter(({ name }) => name === 'createWorker');
  assert.deepEqual([call.outcome, call.result.errorMessage], ['fail', 'Workers are for enterprise apps only']);
});

test('errors in a Worker are reported with file and line', async () => {
  const page = await stage.page();
  await ask(page, 'fail');
  await page.locator('.phone-error code').waitFor();
  const line = SCRIPT.split('\n').findIndex((text) => text.includes('the Worker failed')) + 1;
  const error = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.deepEqual([error.message, error.file, error.line], ['Error: the Worker failed', 'workers/index.js', line]);
});

test('an invalid Worker script is a build fault with its place', async () => {
  const faultsWith = async (file, text) => {
    await writeFile(path.join(stage.appDir, file), text);
    try {
      return (await compileProject(stage.appDir, { runtimeModule: 'vue', strict: true })).faults.map(String);
    } finally {
      await writeFile(path.join(stage.appDir, file), FILES[file]);
    }
  };
  assert.deepEqual(await faultsWith('app.json', '{ "pages": ["pages/a"],\n  "workers": "workers/index.js" }'), [
    'app.json:2:3: "workers" is a list of scripts in a folder, such as "workers/index.js"',
  ]);
  assert.match((await faultsWith('app.json', '{ "pages": ["pages/a"], "workers": ["workers/none.js"] }'))[0], /workers\/none\.js/);
  assert.deepEqual(await faultsWith('workers/index.js', 'var a = 1;\nlet b = 2;'), [
    "workers/index.js:2:5: not ES5, which a Worker's files must be: Unexpected token",
  ]);
});
