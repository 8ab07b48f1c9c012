import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { compileProject } from '../compile/project.mjs';
import { checkSource } from '../compile/source-check.mjs';
import { Files } from '../compile/files.mjs';
import { compileStyle } from '../compile/styles.mjs';
import { matchesGlobs } from '../compile/project-config.mjs';
import { compileFiles, startLogic } from './support/logic.mjs';
import { copyFixture, FIXTURE } from './support/stage.mjs';

const compile = (folder) => compileProject(folder, { runtimeModule: 'vue', strict: true });

/** Changes one file in a copy of the fixture and returns the faults of the build. */
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

test('the fixture compiles without faults', async () => {
  const project = await compile(FIXTURE);
  assert.deepEqual(project.faults.map(String), []);
  assert.deepEqual(project.notices.map(String), []);
  assert.deepEqual(
    project.manifest.pages.map(({ route }) => route),
    ['pages/home/index', 'pages/controls/index', 'pages/calls/index', 'pages/detail/index'],
  );
  assert.ok(project.files.includes(path.join(FIXTURE, 'pages/calls/calls.js')), 'what a page requires is watched too');
});

test('app.json and page files', async () => {
  const [fault] = await faultsWith('app.json', '{\n "pages": ["pages/home/index"],\n "tabbar": {}\n}');
  assert.match(fault, /^app\.json:3:2: "tabbar" is not a key that the platform documents$/);
  const [invalid, ...followers] = await faultsWith('app.json', '{ "pages": ["a",] }');
  assert.match(invalid, /^app\.json:1:16: not valid JSON/);
  assert.deepEqual(followers, []);
  assert.match((await faultsWith('app.json', '{ "pages": [] }')).join('\n'), /"pages" must list at least one page/);
  assert.match(
    (await faultsWith('app.json', '{ "pages": ["../etc/passwd"] }')).join('\n'),
    /"\.\.\/etc\/passwd" is not the path of a page/,
  );
  assert.match(
    (await faultsWith('app.json', '{ "pages": ["pages/home/index"], "entryPagePath": "pages/x" }')).join('\n'),
    /"entryPagePath" "pages\/x" is not in "pages"/,
  );
  assert.match(
    (await faultsWith('app.json', '{ "pages": ["pages/home/index"], "behavior": { "decodeQuery": "off" } }')).join('\n'),
    /"behavior\.decodeQuery" takes only "disable"/,
  );
  assert.deepEqual(await faultsWith('app.json', null), ['app.json: there is no app.json: is this the folder of a mini-program?']);
  assert.match((await faultsWith('pages/home/index.axml', null)).join('\n'), /pages\/home\/index\.axml is missing/);
  assert.match(
    (await faultsWith('pages/home/index.json', '{ "usingComponent": {} }')).join('\n'),
    /^pages\/home\/index\.json:1:3: "usingComponent" is not a key/,
  );
  assert.match((await faultsWith('pages/home/index.js', null)).join('\n'), /pages\/home\/index\.js/);
});

test('a key that the platform has and the simulator ignores is only a notice', async () => {
  const { faults, notices, manifest } = await compileFiles({
    'app.json': `{
  "pages": ["pages/a"],
  "usePrivacyCheck": true,
  "lazyCodeLoading": "requiredComponents",
  "window": { "gestureBack": "NO", "onReachBottomDistance": 50 },
  "behavior": { "decodeQuery": "disable", "shareAppMessage": "appendQuery" },
  "tabBar": { "items": [{ "pagePath": "pages/a", "name": "a", "icon": "/a.png" }] }
}`,
    'pages/a.json': '{ "optionMenu": {}, "onReachBottomDistance": 70 }',
    'pages/a.js': 'Page({});',
    'a.png': '',
    'mini.project.json': '{ "format": 2, "compileOptions": { "component2": true, "less": true }, "compileOption": {} }',
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(notices.map(String), [
    'app.json:4:3: the simulator does not act on "lazyCodeLoading"',
    'app.json:5:15: the simulator does not act on "window.gestureBack"',
    'app.json:6:43: the simulator does not act on "behavior.shareAppMessage"',
    'pages/a.json:1:3: the simulator does not act on "optionMenu"',
    'mini.project.json:1:72: "compileOption" is not a key that the platform documents',
    'mini.project.json:1:56: the simulator does not act on compileOptions.less',
  ]);
  assert.equal(manifest.decodesQuery, false);
  assert.equal(manifest.usePrivacyCheck, true);
  assert.equal(manifest.pages[0].window.onReachBottomDistance, 70);
});

test('page code: syntax errors, missing modules and unknown platform calls have a place', async () => {
  assert.match((await faultsWith('pages/home/index.js', 'Page({\n  a: b?.c });'))[0], /^pages\/home\/index\.js:2:8: not ES2018/);
  assert.match(
    (await faultsWith('pages/home/index.js', "require(\n'./nowhere');"))[0],
    /^pages\/home\/index\.js:2:1: Could not resolve "\.\/nowhere"/,
  );
  assert.match(
    (await faultsWith('pages/home/index.js', 'Page({});\n  my.reportAnalytics({});'))[0],
    /^pages\/home\/index\.js:2:3: my\.reportAnalytics is not in this simulator's subset/,
  );
});

test('the source check', () => {
  const syntax = { newest: 2018, safe: 2018 };
  const faults = (text, own = true) => checkSource('a.js', text, { own, syntax }).faults.map(String);
  assert.deepEqual(faults('if (my.reportAnalytics) my.request({});'), [], 'asking whether a call exists is fine');
  assert.match(faults('my["reportEvent"]({})')[0], /^a\.js:1:1: my\.reportEvent/);
  assert.deepEqual(faults('my.reportAnalytics({})', false), [], 'a package may know more platforms');
  assert.deepEqual(faults('import a from "b"; export default a;'), [], 'an ES module is fine');
  assert.match(faults('import("x")')[0], /not ES2018/);
  assert.match(faults('const a = 1n;', false)[0], /not ES2018/);
});

/** A mini-program whose page and two packages use a given edition of ECMAScript. */
const written = (own, packaged, project) =>
  compileFiles({
    'app.json': '{ "pages": ["pages/a"] }',
    'pages/a.js': `require('old');\nrequire('@some/new');\nPage({});\n${own}`,
    'node_modules/old/package.json': '{ "name": "old", "main": "index.js" }',
    'node_modules/old/index.js': 'var old = 1;',
    'node_modules/@some/new/package.json': '{ "name": "@some/new", "main": "lib/index.js" }',
    'node_modules/@some/new/lib/index.js': `\n${packaged}`,
    ...(project && { 'mini.project.json': JSON.stringify(project) }),
  });

test('packages are not translated unless mini.project.json says so, and newer ones are reported', async () => {
  const es6 = 'const a = () => 1;';
  const es2020 = 'var a = b?.c;';
  const said = (name) => [
    `node_modules/@some/new/lib/index.js:2:1: the package ${name} is newer than ES5, the platform does not translate it, and the upload may fail: mini.project.json with "compileOptions": { "transpile": {} } makes the platform translate it`,
  ];
  const usual = await written(es6, es6);
  assert.deepEqual(usual.faults, []);
  assert.deepEqual(usual.notices.map(String), said('@some/new'));
  assert.deepEqual((await written(es6, 'var a = 1;')).notices, []);
  const tooNew = await written(es6, es2020);
  assert.match(
    String(tooNew.faults[0]),
    /^node_modules\/@some\/new\/lib\/index\.js:2:11: not ES2018, and the platform does not translate this file/,
  );

  const transpile = (ignore) => ({ format: 2, compileOptions: { transpile: ignore ? { script: { ignore } } : {} } });
  assert.deepEqual((await written(es2020, es2020, transpile())).faults, [], 'all is translated, up to ES2023');
  assert.deepEqual((await written(es2020, es6, transpile())).notices, []);
  assert.match(
    String((await written('let a = 1;', 'var r = /a/v;', transpile())).faults[0]),
    /not ES2023, the newest syntax that the platform takes: /,
  );
  const apart = transpile(['**/node_modules/**', '!**/node_modules/@some/new/**']);
  assert.deepEqual((await written(es2020, es2020, apart)).faults, []);
  const ignored = await written(es6, es6, transpile(['node_modules/**']));
  assert.deepEqual(ignored.notices.map(String), said('@some/new'));
  const nothing = await written(es6, 'var a = 1;', transpile(['**']));
  assert.match(
    nothing.notices.map(String).join(),
    /^pages\/a\.js:4:1: the mini-program is newer than ES5, the platform does not translate it, and the upload may fail$/,
  );

  assert.deepEqual((await written(es6, es6, { enableNodeModuleBabelTransform: true })).notices, []);
  assert.deepEqual((await written(es6, es6, { node_modules_es6_whitelist: ['@some/new'] })).notices, []);
  assert.equal((await written(es6, es6, { node_modules_es6_whitelist: ['old'] })).notices.length, 1);
});

test('a file is CommonJS or an ES module by its own syntax, whatever the surrounding folder says', async () => {
  const files = {
    'app.json': '{ "pages": ["pages/a"] }',
    'lib/common.js': "exports.one = 1; module.exports.two = require('./common-too').two;",
    'lib/common-too.js': 'module.exports = { two: 2 };',
    'lib/standard.js': "import { one } from './common'; export const three = one + 2; export default 'default';",
    'pages/a.js': [
      "import standard, { three } from '../lib/standard';",
      "const common = require('../lib/common');",
      'Page({ onLoad() { console.log([common.one, common.two, three, standard].join()); } });',
    ].join('\n'),
  };
  for (const type of ['module', 'commonjs']) {
    const logic = await startLogic(files, { around: { 'package.json': JSON.stringify({ type }) } });
    assert.deepEqual([type, logic.log(), logic.errors, logic.notices], [type, ['1,2,3,default'], [], []]);
  }
});

test("members of a module's only export, an object, can be imported by name", async () => {
  const logic = await startLogic({
    'app.json': '{ "pages": ["pages/a"] }',
    'lib/whole.js': 'export default { one: () => 1 };',
    'lib/both.js': 'export const two = 2; export default { one: 1 };',
    'pages/a.js':
      "import whole, { one } from '../lib/whole'; import { one as none, two } from '../lib/both';\nPage({ onLoad() { console.log(one(), whole.one(), typeof none, two, require('../lib/whole').default.one()); } });",
  });
  assert.deepEqual([logic.log(), logic.errors], [['1 1 undefined 2 1'], []]);
});

test('a function of an ES module may share its name with a variable, as in a script', async () => {
  const files = {
    'app.json': '{ "pages": ["pages/a"] }',
    'lib/twice.js':
      'export const early = letters();\nvar letters = ["a"];\nfunction letters() { return typeof letters; }\nexport default { letters };',
    'pages/a.js': "import all, { early } from '../lib/twice';\nPage({ onLoad() { console.log(early, all.letters.join()); } });",
  };
  const logic = await startLogic(files, { strict: false });
  assert.deepEqual([logic.log(), logic.errors], [['function a'], []]);
  assert.match(logic.project.notices.join(), /twice\.js:3:10: letters is declared twice/);
  await assert.rejects(startLogic(files), /letters is declared twice/);
  await assert.rejects(
    startLogic({ ...files, 'lib/twice.js': 'let a; let a; export default a;' }, { strict: false }),
    /already been declared/,
  );
});

test('code that checks for a browser finds none', async () => {
  const logic = await startLogic({
    'app.json': '{ "pages": ["pages/a"] }',
    'pages/a.js': `var found = [window, document, self, global, location].filter(Boolean).length;
var root = (typeof window !== 'undefined' ? window : global) || {};
var names = [eval, typeof fetch];
try { eval('1'); } catch (error) { names.push(error.name); }
Page({ onLoad() { console.log(found, typeof root, names.slice(1).join()); } });`,
  });
  assert.deepEqual([logic.log(), logic.errors], [['0 object undefined,EvalError'], []]);
});

test("the mini-program's own code is ES2018 without transpile, and the message says how to allow more", async () => {
  const { faults } = await written('var a = b?.c;', 'var a;');
  assert.match(
    String(faults[0]),
    /^pages\/a\.js:4:11: not ES2018, the newest syntax that the platform takes without "compileOptions": \{ "transpile": \{\} \}/,
  );
});

test('globs of mini.project.json', () => {
  assert.ok(matchesGlobs(['workers/**'], 'workers/a/b.js'));
  assert.ok(matchesGlobs(['**/node_modules/**'], 'node_modules/a/b.js'));
  assert.ok(matchesGlobs(['./lib/*.{js,mjs}'], 'lib/a.mjs'));
  assert.ok(!matchesGlobs(['lib/*.js'], 'lib/a/b.js'));
  assert.ok(!matchesGlobs(['**', '!a/?.js'], 'a/b.js'));
  assert.ok(matchesGlobs(['**', '!a/?.js'], 'a/bc.js'));
});

test('styles: scope, tag names, rpx, @import', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-styles-'));
  try {
    await writeFile(
      path.join(folder, 'a.acss'),
      '@import "./b.acss";\npage, view > .text, .a view:hover { width: 75rpx; margin: -1.5rpx 0 }\n@media (width > 1px) { .m { top: 2rpx } }\n@keyframes k { from { left: 2rpx } }',
    );
    await writeFile(path.join(folder, 'b.acss'), '.b { color: red }');
    const { css, faults } = await compileStyle(new Files(folder), 'a.acss', { root: '.root' });
    assert.deepEqual(faults, []);
    assert.match(css, /^:where\(\.root\) \.b \{ color: red \}/);
    assert.match(
      css,
      /\.root, *:where\(\.root\) axml-view > \.text, *:where\(\.root\) \.a axml-view:hover \{ width: 37\.5px; margin: -0\.75px 0 \}/,
    );
    assert.match(css, /\{ :where\(\.root\) \.m \{ top: 1px \} \}/);
    assert.match(css, /@keyframes k \{ from \{ left: 1px \} \}/);
    await writeFile(
      path.join(folder, 'a.acss'),
      '\n@import "../b.acss";\n@import "./c.acss";\n.x { background: url(https://x.example/y.png) }',
    );
    const bad = await compileStyle(new Files(folder), 'a.acss', { root: '.root' });
    assert.deepEqual(bad.faults.map(({ line }) => line).sort(), [2, 3]);
    assert.match(String(bad.notices), /^a\.acss:4:6: https:\/\/x\.example\/y\.png is not loaded here$/);
    await writeFile(path.join(folder, 'a.acss'), '.a {\n  b: c;');
    assert.match(String((await compileStyle(new Files(folder), 'a.acss', { root: '.root' })).faults[0]), /^a\.acss:1:1: Unclosed block/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
