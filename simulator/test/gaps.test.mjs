// Features that the simulator lacks and mistakes that the platform tolerates: a hint, and the mini-program runs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { compileProject } from '../compile/project.mjs';
import { folderOf } from './support/folder.mjs';
import { reads, Stage, timeline } from './support/stage.mjs';

const FILES = {
  'app.json':
    '{ "pages": ["pages/a/a", "pages/b/b"], "somethingOfTheirs": 1, "permission": { "scope.camera": {} }, "plugins": { "shop": { "version": "*", "provider": "2021" } } }',
  'app.js': 'App({});',
  'app.acss': '.back { background: url(/nowhere.png) no-repeat; color: rgb(1, 2, 3) }',
  'util.js': 'import { absent } from "./other";\nmodule.exports = { told: typeof absent };',
  'other.js': 'export const present = 1;',
  'pages/a/a.axml': [
    '<view class="back" key="x" onTap="{{handler}}">{{told}}<text onTap="">text</view>',
    '<lottie autoplay class="video" onDataReady="ask"><marquee onTap="ask">one</marquee></lottie>',
    '<view a:if="{{false}}">no</view><view a:else a:for="{{[1, 2]}}" a:key="*this" class="each">{{item}}</view>',
    '<image src=/a.png><view class="behind" class="second" onTap="nowhere">behind&nbsp;</view>',
    '</section><button class="ask" onTap="ask">ask</button>',
    '<script src="x.js"></script><script>if (1 < 2 && told) { <b> }</script><style>.behind { color: red }</style><view class="after">after</view>',
  ].join('\n'),
  'pages/a/a.acss': '@import "../../base";',
  'base.acss': '.behind { color: rgb(4, 5, 6) }',
  'pages/a/a.js': `import util from '/util';
Page({
  data: { told: util.told, handler: 'tapped' },
  onLoad() { if (my.canIUse('getVideoInfo')) my.getVideoInfo(); },
  tapped() { this.setData({ told: 'tapped' }); },
  ask() {
    my.getVideoInfo({ fail: ({ error }) => this.setData({ told: 'failed ' + error }) });
  },
});`,
  'pages/b/b.json': '{ "styleIsolation": "isolated", "usingComponents": { "odd": "./odd", "card": "plugin://shop/card" } }',
  'pages/b/odd.json': '{ "component": true }',
  'pages/b/odd.axml': '<view class="odd">odd</view>',
  'pages/b/odd.js':
    "Component({ options: { externalClasses: true, relations: true }, externalClasses: ['x'], relations: { './odd': { type: 'sibling' } } });",
  'pages/b/b.axml': '<view class="b">b</view><odd /><card class="card" kind="gold">inside</card><view class="go" onTap="go">go</view>',
  'pages/b/b.js': `const { part } = require('not-installed');
Page({ part, onReady() { part.of.it(); },
  go() {
    const shop = requirePlugin('shop');
    console.log('plugin', typeof shop.world, my.canIUse('ix'));
    shop.pay({ fail: ({ error }) => console.log('failed', error) });
    requirePlugin.async('shop').then((later) => later.kit.start());
    requirePlugin('shop', (later) => new later.Kit().run());
    if (my.ix) my.ix.startApp({ fail: ({ error }) => console.log('device', error) });
    try { requirePlugin('other'); } catch (error) { console.log(error.message); }
    my.navigateTo({ url: 'plugin://other/hello', fail: ({ errorMessage }) => console.log(errorMessage) });
    my.navigateTo({ url: 'plugin://shop/hello?x=1', success: () => console.log('pages', getCurrentPages().map((page) => page && page.route).join()) });
  } });`,
};

let stage;
before(async () => {
  stage = await Stage.open({ files: FILES, strict: false });
});
after(() => stage?.close());

const HINTS = [
  /^app\.json:1:\d+: "somethingOfTheirs" is not a key/,
  /^app\.json:1:\d+: "permission\.scope\.camera" needs a "desc"/,
  /^app\.acss:1:9: there is no file /,
  /^pages\/a\/a\.axml:1:20: key is not an attribute of <view>/,
  /^pages\/a\/a\.axml:1:62: onTap must be the name of a method/,
  /^pages\/a\/a\.axml:1:56: <text> is never closed/,
  /^pages\/a\/a\.axml:2:32: onDataReady of <lottie> exists on the platform, but not/,
  /^pages\/a\/a\.axml:2:50: <marquee> is not in/,
  /^pages\/a\/a\.axml:3:39: a:else and a:for on one tag/,
  /^pages\/a\/a\.axml:4:8: the value of src needs quotes/,
  /^pages\/a\/a\.axml:4:1: <image> is never closed/,
  /^pages\/a\/a\.axml:4:40: class is set twice on one <view>; the first one is used/,
  /^pages\/a\/a\.axml:4:71: the entity &nbsp; is unknown/,
  /^pages\/a\/a\.axml:5:1: <\/section> closes nothing/,
  /^pages\/a\/a\.axml:6:1: <script> is not in this simulator's subset of AXML/,
  /^pages\/a\/a\.axml:6:29: <script> is not in/,
  /^pages\/a\/a\.axml:6:\d+: <style> is not in/,
  /^pages\/a\/a\.js:\d+:\d+: my\.getVideoInfo is not in this simulator/,
  /^pages\/b\/b\.json:1:\d+: <card> is of a plugin/,
  /^pages\/b\/b\.json:1:3: "styleIsolation" takes "shared" or "apply-shared"/,
  /^pages\/b\/b\.js: there is no module "not-installed"/,
];

test('each is a hint with its place, and an error with strict', async () => {
  const usual = await compileProject(stage.appDir, { runtimeModule: 'vue' });
  assert.deepEqual(usual.faults.map(String), []);
  const hints = usual.notices.map(String);
  for (const hint of HINTS)
    assert.ok(
      hints.some((told) => hint.test(told)),
      `${hint}\n${hints.join('\n')}`,
    );
  const strict = await compileProject(stage.appDir, { runtimeModule: 'vue', strict: true });
  const faults = strict.faults.map(String);
  // The bundler has its own message for a missing module.
  for (const fault of HINTS.slice(0, -1))
    assert.ok(
      faults.some((told) => fault.test(told)),
      `${fault}\n${faults.join('\n')}`,
    );
  assert.ok(
    faults.some((told) => /^pages\/b\/b\.js:1:\d+: Could not resolve "not-installed"/.test(told)),
    faults.join('\n'),
  );
});

test('mistakes that would fail anywhere stay errors', async () => {
  const broken = { 'pages/a/a.js': 'Page({ data: { });', 'app.json': '{ "pages": [] }' };
  for (const [file, text] of Object.entries(broken)) {
    const { folder, remove } = await folderOf({ ...FILES, [file]: text });
    const { faults } = await compileProject(folder, { runtimeModule: 'vue' });
    assert.ok(
      faults.some((fault) => fault.file === file),
      `${file}: ${faults.map(String)}`,
    );
    await remove();
  }
});

test("the page is shown: boxes with the tags' names, correct conditions and styles", async () => {
  const page = await stage.page();
  await reads(page, '.back', /^undefined/);
  const box = page.locator('.phone-page [data-tag]').first();
  assert.equal(
    await box.evaluate((element) => getComputedStyle(element, '::before').content.replaceAll('" "', ' ')),
    '"<lottie> autoplay=true"',
  );
  await reads(page, '.video', 'one');
  assert.deepEqual(await page.locator('.phone-page .each').allTextContents(), ['1', '2']);
  await reads(page, '.behind', 'behind&nbsp;');
  assert.equal(await page.locator('.phone-page .behind').evaluate((element) => getComputedStyle(element).color), 'rgb(4, 5, 6)');
  await reads(page, '.after', 'after');
  assert.doesNotMatch(await page.locator('.phone-page').innerText(), /told|color/);
  await page.locator('.phone-page .back').click({ position: { x: 1, y: 1 } });
  await reads(page, '.back', /^tapped/);
});

test('an unsupported call is an error when it is made, with its place, and fails; so is a missing module', async () => {
  const page = await stage.page();
  await reads(page, '.back', /^undefined/);
  const errors = async () =>
    (await timeline(page)).filter(({ kind }) => kind === 'error').map(({ file, line, message }) => `${file}:${line}: ${message}`);
  assert.deepEqual(await errors(), []);
  await page.locator('.phone-page .ask').click();
  await reads(page, '.back', /^failed 1/);
  assert.deepEqual(await errors(), ['pages/a/a.js:7: Error: my.getVideoInfo is not in this simulator']);
  const other = await stage.page({ start: { page: 'pages/b/b' } });
  await other.locator('li[data-kind="error"]').first().waitFor({ state: 'attached' });
  await reads(other, '.odd', 'odd');
  const notices = (await timeline(other)).filter(({ kind }) => kind === 'notice').map(({ message }) => message);
  for (const told of [
    /^externalClasses act only with "styleIsolation"/,
    /^relations\["\.\/odd"\] of the component pages\/b\/odd: type is parent, /,
  ])
    assert.ok(
      notices.some((message) => told.test(message)),
      `${told}\n${notices.join('\n')}`,
    );
  assert.match((await timeline(other)).find(({ kind }) => kind === 'error').message, /there is no module "not-installed"$/);
});

test('plugins and calls of shop devices are shown as such, and calling them is an error', async () => {
  const page = await stage.page({ start: { page: 'pages/b/b' } });
  await reads(page, '.card', 'inside');
  assert.equal(await page.locator('.phone-page .card').getAttribute('data-tag'), '<card>');
  await page.locator('.phone-page .go').click();
  await page.locator('.phone-page .plugin-page', { hasText: 'plugin://shop/hello' }).filter({ hasText: 'x=1' }).waitFor();
  await page.locator('li[data-kind="console"]', { hasText: 'pages' }).waitFor({ state: 'attached' });
  const entries = await timeline(page);
  const lines = entries.filter(({ kind }) => kind === 'console').map(({ values }) => values.join(' '));
  const undeclared = 'app.json declares no plugin "other"';
  assert.deepEqual(lines.sort(), [undeclared, undeclared, 'device 1', 'failed 1', 'pages pages/b/b,', 'plugin function false']);
  const errors = entries
    .filter(({ kind, message }) => kind === 'error' && / is not in this simulator: /.test(message))
    .map(({ file, line, message }) => `${file}:${line}: ${message.split(' is not')[0]}`);
  assert.deepEqual(errors.sort(), [
    'pages/b/b.js:6: Error: requirePlugin("shop").pay',
    'pages/b/b.js:7: Error: requirePlugin("shop").kit.start',
    'pages/b/b.js:8: Error: requirePlugin("shop").Kit',
    'pages/b/b.js:8: Error: requirePlugin("shop").Kit.run',
    'pages/b/b.js:9: Error: my.ix.startApp',
  ]);
});
