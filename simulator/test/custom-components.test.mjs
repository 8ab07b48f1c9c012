// Custom components, slots, templates, include and SJS, in the browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { compileProject } from '../compile/project.mjs';
import { reads, Stage, timeline } from './support/stage.mjs';

const component = (using = {}) => JSON.stringify({ component: true, usingComponents: using });

const FILES = {
  'app.json': JSON.stringify({
    pages: ['pages/a/a'],
    subPackages: [{ root: 'more', pages: ['pages/b'] }],
    usingComponents: { everywhere: '/components/counter' },
    tabBar: { items: [{ pagePath: 'pages/a/a', name: 'A', icon: 'assets/a.png', activeIcon: 'assets/b.png' }, { pagePath: 'more/pages/b', name: 'B' }] },
  }),
  'app.js': 'App({});',
  'assets/a.png': 'a',
  'assets/b.png': 'b',
  'mini.project.json': '{ "format": 2, "compileOptions": { "component2": true } }',
  'pages/a/a.json': '{ "usingComponents": { "my-box": "../../components/box/index", "hosted": "/components/hosted/hosted" } }',
  'pages/a/a.axml': `<import src="../../shared/cells.axml" /><import-sjs name="{ shout, AGE: age }" from="../../shared/util.sjs" /><import-sjs name="util" from="/shared/util.sjs" />
<include src="/shared/head.axml" />
<everywhere class="first counter" start="{{start}}" onCount="counted" ref="keep" label-text="{{{ a: 1 }.a}}" />
<everywhere a:if="{{second}}" id="second" start="{{10}}" />
<view class="counted">{{told}}</view>
<my-box title="box" list="{{[1, 2]}}"><view class="in-default">{{told}}</view><view slot="head" class="in-head" onTap="headTapped">head</view>
<view slot="row" slot-scope="row" class="in-row">{{row.value}} of {{start}}</view></my-box>
<my-box title="empty" />
<hosted id="host" class="on-host" style="top: 2rpx">in</hosted>
<template is="{{cells[0]}}" data="{{...one, more: 'x', start}}" /><template is="tree" data="{{i: tree}}" />
<view class="sjs">{{shout(one.word)}} {{age}} {{util.twice(start)}} {{util.none?.(1)}} {{\`<\${start}>\`}} {{list.map(x => x + 1).join('-')}}</view>
<button class="more" onTap="more">more</button><button class="show" onTap="show">show</button><button class="ask" onTap="ask">ask</button>
<template name="tree"><view class="tree">{{i.name}}<template a:for="{{i.of}}" a:key="name" is="tree" data="{{i: item}}" /></view></template>`,
  'pages/a/a.js': `Page({
  data: { start: 1, second: false, told: '', list: [1, 2], cells: ['cell'], one: { word: 'one' }, tree: { name: 'a', of: [{ name: 'b', of: [{ name: 'c' }] }, { name: 'd' }] } },
  onReady() { console.log('ready', my.canIUse('component2')); },
  keep(ref) { this.kept = ref; console.log('ref', Object.keys(ref).join()); },
  counted(count, event) { this.setData({ told: this.data.told + count }); return 'answer'; },
  headTapped({ type, currentTarget }) { console.log('head', type, currentTarget.tagName); },
  cellTapped() { console.log('cell'); },
  more() { this.setData({ start: this.data.start + 1 }, () => console.log('drawn')); },
  show() { this.setData({ second: !this.data.second }); },
  ask() {
    this.kept.plus();
    const boxes = this.$selectAllComponents('.first');
    console.log('found', boxes.length, this.$selectComponent('#second') === null, this.$selectComponent('#host').is);
  },
});`,
  'shared/head.axml': '<view class="head" onTap="more">head {{start}}</view><template name="never"><view /></template>',
  'shared/cells.axml': '<template name="cell"><view class="cell" onTap="cellTapped">{{word}} {{more}} {{start}} {{told}}</view></template>',
  'shared/util.sjs': "import { AGE } from './age.sjs';\nconst shout = (text) => text.toUpperCase();\nexport { shout, AGE };\nexport default { twice: (n) => n * 2 };",
  'shared/age.sjs': 'export const AGE = 3;',
  'components/counter.json': component(),
  'components/counter.axml': '<view class="count" onTap="plus">{{label}} {{start}}+{{count}} {{labelText}} #{{$id > 0}}</view>',
  'components/counter.acss': '.count { color: rgb(7, 8, 9) } .in-head { color: rgb(1, 1, 1) }',
  'components/counter.js': `const shared = { data: { label: 'mixed', count: 100 }, didMount() { console.log('mixin didMount'); }, methods: { named() { return 'named'; } } };
Component({
  mixins: [shared],
  data: { count: 0, before: {} },
  props: { start: 0, onCount: () => console.log('default onCount') },
  options: { observers: true, lifetimes: true },
  observers: { count(count) { console.log('observed', count); } },
  lifetimes: { created() { console.log('created', this.props.start); }, detached() { console.log('detached'); } },
  ref() { return { plus: () => this.plus() }; },
  onInit() { console.log('onInit', this.is, this.data.count, this.props.start, this.$page.route); this.setData({ label: this.named() }); },
  deriveDataFromProps(next) { if (next.start !== this.props.start) this.setData({ label: 'derived ' + next.start }); },
  didMount() { console.log('didMount'); },
  didUpdate(props, data) { console.log('didUpdate', props.start, this.props.start, data.count, this.data.count); },
  didUnmount() { console.log('didUnmount'); },
  methods: { plus() { this.setData({ count: this.data.count + 1 }); console.log(this.props.onCount(this.data.count)); } },
});`,
  'components/box/index.json': component({ row: './row' }),
  'components/box/index.axml': '<view class="box"><slot name="head">no head</slot><view class="title">{{title}}</view><slot>nothing</slot><row a:for="{{list}}" a:key="*this" value="{{item}}"><slot name="row" value="{{item}}" slot="inner">-</slot></row></view>',
  'components/box/index.js': "Component({ props: { title: '', list: [] } });",
  'components/box/row.json': component(),
  'components/box/row.axml': '<view class="row"><slot name="inner" /></view>',
  'components/box/row.js': "Component({ didMount() { console.log('row', this.selectOwnerComponent().is, this.selectComposedParentComponent().is); } });",
  'components/hosted/hosted.json': '{ "component": true, "virtualHost": false }',
  'components/hosted/hosted.axml': '<text class="hosted"><slot /></text>',
  'components/hosted/hosted.acss': ':host { color: rgb(3, 2, 1) }',
  'components/hosted/hosted.js': 'Component({});',
  'more/pages/b.axml': '<view class="b">B</view>',
  'more/pages/b.js': 'Page({});',
};

let stage;
let page;
before(async () => {
  stage = await Stage.open({ files: FILES });
  page = await stage.page();
  await reads(page, '.title', 'box');
  await logged('ready');
});
after(() => stage?.close());

/** The lines of the console so far, once there is one that says this. */
async function logged(text) {
  await page.locator('li[data-kind="console"]', { hasText: text }).first().waitFor({ state: 'attached' });
  return (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values.join(' '));
}

const texts = (selector) => page.locator(`.phone-page ${selector}`).allTextContents();

test('it builds without a fault', async () => {
  const { faults, notices } = await compileProject(stage.appDir, { runtimeModule: 'vue', strict: true });
  assert.deepEqual([...faults, ...notices].map(String), []);
  assert.deepEqual((await timeline(page)).filter(({ kind }) => ['error', 'notice'].includes(kind)), []);
});

test('a component is created, drawn, mounted, and only then is the page ready', async () => {
  const lines = await logged('ready');
  assert.deepEqual(lines.filter((line) => /^(created|onInit|ref|mixin|didMount|ready)/.test(line)), [
    'created 1',
    'onInit /components/counter 0 1 pages/a/a',
    'ref plus',
    'mixin didMount',
    'didMount',
    'ready true',
  ]);
  assert.deepEqual(lines.filter((line) => line.startsWith('row')), Array(2).fill('row /components/box/index /components/box/index'));
  assert.deepEqual(await texts('.count'), ['named 1+0 1 #true']);
});

test('slots: named, scoped, with what stands in them where nothing is given', async () => {
  assert.deepEqual(await texts('.box'), ['headbox1 of 12 of 1', 'no heademptynothing']);
  assert.deepEqual(await texts('.in-row'), ['1 of 1', '2 of 1']);
  await page.locator('.phone-page .in-head').click();
  assert.ok((await logged('head tap')).includes('head tap view'), 'what is put into a slot is its user’s');
});

test('templates, include and SJS', async () => {
  assert.deepEqual(await texts('.cell'), ['one x 1 ']);
  assert.deepEqual(await texts('.tree'), ['abcd', 'bc', 'c', 'd']);
  assert.deepEqual(await texts('.sjs'), ['ONE 3 2  <1> 2-3']);
  assert.deepEqual(await texts('.head'), ['head 1']);
  await page.locator('.phone-page .cell').click();
  await logged('cell');
});

test('styles of a component, and of its node', async () => {
  const styled = (selector, name) => page.locator(`.phone-page ${selector}`).first().evaluate((element, of) => getComputedStyle(element)[of], name);
  assert.equal(await styled('.count', 'color'), 'rgb(7, 8, 9)');
  assert.equal(await styled('.hosted', 'color'), 'rgb(3, 2, 1)');
  assert.equal(await page.locator('.phone-page #host.on-host').getAttribute('style'), 'top: 1px;');
});

test('what is given changes, data is set, and each is told once it is drawn', async () => {
  await page.locator('.phone-page .more').click();
  await reads(page, '.count', 'derived 2 2+0 1 #true');
  assert.ok((await logged('didUpdate')).includes('didUpdate 1 2 0 0'));
  await reads(page, '.in-row', '1 of 2');
  await reads(page, '.cell', 'one x 2 ');
  await page.locator('.phone-page .count').click();
  await reads(page, '.count', 'derived 2 2+1 1 #true');
  await reads(page, '.counted', '1');
  await reads(page, '.in-default', '1');
  const lines = await logged('didUpdate 2 2 0 1');
  assert.ok(lines.includes('observed 1') && lines.includes('answer'), lines.join('\n'));
});

test('a component that goes is told, and what is found is what there is', async () => {
  await page.locator('.phone-page .show').click();
  await page.locator('.phone-page .count').nth(1).click();
  await logged('default onCount');
  await page.locator('.phone-page .show').click();
  const lines = await logged('detached');
  assert.ok(lines.indexOf('didUnmount') >= 0 && lines.indexOf('didUnmount') < lines.indexOf('detached'));
  await page.locator('.phone-page .ask').click();
  assert.ok((await logged('found')).includes('found 1 true /components/hosted/hosted'));
});

test('tabs have their pictures, and a sub-package its pages', async () => {
  assert.deepEqual(await page.locator('.phone-tabs img').evaluateAll((images) => images.map((image) => image.getAttribute('src'))), ['/__simulator/files/assets/b.png']);
  await page.locator('.phone-tabs button').nth(1).click();
  await reads(page, '.b', 'B');
  assert.deepEqual(await page.locator('.phone-tabs img').evaluateAll((images) => images.map((image) => image.getAttribute('src'))), ['/__simulator/files/assets/a.png']);
});
