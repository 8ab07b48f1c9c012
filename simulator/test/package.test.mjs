import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { freePorts } from '../../tests/support/ports.mjs';
import { packSimulator } from '../package/pack.mjs';
import { Program } from '../stack/program.mjs';
import { folderOf } from './support/folder.mjs';
import { BINARY } from './support/stage.mjs';

const run = promisify(execFile);
const COMMAND = 'node_modules/.bin/miniauth-simulator';

/** An app without miniauth. */
const APP = {
  'app.json': '{ "pages": ["pages/home"] }',
  'app.js': 'App({});',
  'pages/home.axml': '<view class="title">{{title}}</view>',
  'pages/home.js': "Page({ data: { title: '首页' }, load() { my.request({ url: 'https://orders.shop.example/list' }); } });",
};

let folder;
let app;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'miniauth-simulator-package-'));
  app = await folderOf(APP);
  const packed = await packSimulator(folder);
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', packed], { cwd: folder });
});
after(async () => {
  await rm(folder, { recursive: true });
  await app.remove();
});

test('installed in an empty folder, it runs an app without miniauth, with only the sandbox', async () => {
  const port = await freePorts(3);
  const env = { ...process.env, MINIAUTH_BINARY: BINARY };
  const command = [COMMAND, app.folder, '--port', String(port)];
  const simulator = new Program(command, { cwd: folder, env });
  try {
    const [, address] = await simulator.line(/^miniauth is ready: (\S+)$/);
    await simulator.logs(
      '[simulator] address https://orders.shop.example (pages/home.js): not mapped, its requests fail; map it with --map',
    );
    const project = await (await fetch(`${address}__simulator/project.json`)).json();
    assert.deepEqual([project.faults, project.manifest.entry], [[], 'pages/home']);
    assert.match(await (await fetch(`${address}__simulator/worker.js`)).text(), /首页/);
    assert.doesNotMatch(simulator.log, /\[server\]/);
  } finally {
    assert.equal(await simulator.stop(), 0);
  }
});

test('without the miniauth program it says where to get it', async () => {
  const started = run(process.execPath, [COMMAND, app.folder], { cwd: folder, env: { PATH: '/nowhere' } });
  await assert.rejects(started, { code: 1, stderr: /^the program `miniauth`.*is not on the PATH.*MINIAUTH_BINARY=[^\n]*\n$/ });
});

test('its dependencies have the versions that are tested here', async () => {
  const read = async (name) => JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'));
  const { dependencies } = await read('../package/package.json');
  const { devDependencies } = await read('../../package.json');
  assert.deepEqual(dependencies, Object.fromEntries(Object.keys(dependencies).map((name) => [name, devDependencies[name]])));
});
