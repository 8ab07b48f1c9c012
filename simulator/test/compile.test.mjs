import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { compileProject } from '../compile/project.mjs';
import { checkSource } from '../compile/source-check.mjs';
import { compileStyle } from '../compile/styles.mjs';
import { copyFixture, FIXTURE } from './support/stage.mjs';

const compile = (folder) => compileProject(folder, { runtimeModule: 'vue' });

/** Changes one file of a copy of the fixture and returns the faults of the build. */
async function faultsWith(file, text) {
  const folder = await copyFixture();
  try {
    if (text === null) await rm(path.join(folder, file));
    else await writeFile(path.join(folder, file), text);
    return (await compile(folder)).faults.map(String);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the fixture compiles without a fault', async () => {
  const project = await compile(FIXTURE);
  assert.deepEqual(project.faults.map(String), []);
  assert.deepEqual(
    project.pages.map(({ route }) => route),
    ['pages/home/index', 'pages/controls/index', 'pages/calls/index', 'pages/detail/index'],
  );
  assert.ok(project.files.includes(path.join(FIXTURE, 'pages/calls/calls.js')), 'what a page requires is watched too');
});

test('app.json and page files', async () => {
  assert.deepEqual(await faultsWith('app.json', '{\n "pages": ["pages/home/index"],\n "plugins": {}\n}'), [
    'app.json:3:2: "plugins" is not in this simulator\'s subset (pages, window, tabBar, workers)',
  ]);
  assert.match((await faultsWith('app.json', '{\n "pages": ["a",] }'))[0], /^app\.json:2:15: not valid JSON/);
  assert.match((await faultsWith('app.json', '{ "pages": [] }')).join('\n'), /"pages" must list at least one page/);
  assert.match(
    (await faultsWith('app.json', '{ "pages": ["../etc/passwd"] }')).join('\n'),
    /"\.\.\/etc\/passwd" is not the path of a page/,
  );
  assert.match((await faultsWith('app.json', null)).join('\n'), /there is no app\.json/);
  assert.match((await faultsWith('pages/home/index.axml', null)).join('\n'), /there is no pages\/home\/index\.axml/);
  assert.match(
    (await faultsWith('pages/home/index.json', '{ "usingComponents": {} }')).join('\n'),
    /^pages\/home\/index\.json:1:3: "usingComponents" is not in/,
  );
  assert.match((await faultsWith('pages/home/index.js', null)).join('\n'), /pages\/home\/index\.js/);
});

test('page code: syntax, missing modules and unknown platform calls have a place', async () => {
  assert.match(
    (await faultsWith('pages/home/index.js', 'Page({\n  a: b?.c });'))[0],
    /^pages\/home\/index\.js:2:8: not ES2018/,
  );
  assert.match(
    (await faultsWith('pages/home/index.js', "require(\n'./nowhere');"))[0],
    /^pages\/home\/index\.js:2:1: Could not resolve "\.\/nowhere"/,
  );
  assert.match(
    (await faultsWith('pages/home/index.js', 'Page({});\n  my.uploadFile({});'))[0],
    /^pages\/home\/index\.js:2:3: my\.uploadFile is not in this simulator's subset/,
  );
});

test('the source check', () => {
  const faults = (text, own = true) => checkSource('a.js', text, { own }).map(String);
  assert.deepEqual(faults('if (my.uploadFile) my.request({});'), [], 'asking whether a call exists is fine');
  assert.match(faults('my["connectSocket"]({})')[0], /^a\.js:1:1: my\.connectSocket/);
  assert.deepEqual(faults('my.uploadFile({})', false), [], 'a package may know more platforms');
  assert.deepEqual(faults('import a from "b"; export default a;'), [], 'an ES module is fine');
  assert.match(faults('import("x")')[0], /not ES2018/);
  assert.match(faults('const a = 1n;', false)[0], /not ES2018/);
});

test('styles: scope, tag names, rpx, @import', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-styles-'));
  try {
    await writeFile(
      path.join(folder, 'a.acss'),
      '@import "./b.acss";\npage, view > .text, .a view:hover { width: 75rpx; margin: -1.5rpx 0 }\n@media (width > 1px) { .m { top: 2rpx } }\n@keyframes k { from { left: 2rpx } }',
    );
    await writeFile(path.join(folder, 'b.acss'), '.b { color: red }');
    const { css, faults } = await compileStyle(folder, 'a.acss', '.root');
    assert.deepEqual(faults, []);
    assert.match(css, /^\.root \.b \{ color: red \}/);
    assert.match(
      css,
      /\.root, *\.root axml-view > \.text, *\.root \.a axml-view:hover \{ width: 37\.5px; margin: -0\.75px 0 \}/,
    );
    assert.match(css, /\{ \.root \.m \{ top: 1px \} \}/);
    assert.match(css, /@keyframes k \{ from \{ left: 1px \} \}/);
    await writeFile(
      path.join(folder, 'a.acss'),
      '\n@import "../b.acss";\n@import "./c.acss";\n.x { background: url(https://x.example/y.png) }',
    );
    const bad = await compileStyle(folder, 'a.acss', '.root');
    assert.deepEqual(bad.faults.map(({ line }) => line).sort(), [2, 3, 4]);
    await writeFile(path.join(folder, 'a.acss'), '.a {\n  b: c;');
    assert.match(String((await compileStyle(folder, 'a.acss', '.root')).faults[0]), /^a\.acss:1:1: Unclosed block/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
