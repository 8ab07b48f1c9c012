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
    tabBar: {
      items: [
        { pagePath: 'pages/a/a', name: 'A', icon: 'assets/a.png', activeIcon: 'assets/b.png' },
        { pagePath: 'more/pages/b', name: 'B' },
      ],
    },
  }),
  'app.js': 'App({});',
  'assets/a.png': 'a',
  'assets/b.png': 'b',
  'mini.project.json': '{ "format": 2, "compileOptions": { "component2": true } }',
  'pages/a/a.json':
    '{ "usingComponents": { "my-box": "../../components/box/index", "hosted": "/components/hosted/hosted", "alone": "/components/alone/alone", "list-of": "/components/list/list", "entry-of": "/components/list/entry" } }',
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
<alone my-class="red big" text-class="red"><view class="mine">put in</view></alone><view class="mine inner">outside</view>
<list-of><view><entry-of a:for="{{entries}}" a:key="*this" name="{{item}}" /></view></list-of>
<button class="less" onTap="less">less</button><button class="turn" onTap="turn">turn</button><button class="more" onTap="more">more</button><button class="show" onTap="show">show</button><button class="ask" onTap="ask">ask</button>
<template name="tree"><view class="tree">{{i.name}}<template a:for="{{i.of}}" a:key="name" is="tree" data="{{i: item}}" /></view></template>`,
  'pages/a/a.js': `Page({
  data: { entries: ['a', 'b'], start: 1, second: false, told: '', list: [1, 2], cells: ['cell'], one: { word: 'one' }, tree: { name: 'a', of: [{ name: 'b', of: [{ name: 'c' }] }, { name: 'd' }] } },
  onReady() { console.log('ready', my.canIUse('component2')); },
  keep(ref) { this.kept = ref; console.log('ref', Object.keys(ref).join()); },
  counted(count, event) { this.setData({ told: this.data.told + count }); return 'answer'; },
  headTapped({ type, currentTarget }) { console.log('head', type, currentTarget.tagName); },
  cellTapped() { console.log('cell'); },
  more() { this.setData({ start: this.data.start + 1 }, () => console.log('drawn')); },
  less() { this.setData({ entries: ['0', 'b'] }); },
  turn() { this.setData({ entries: ['b', '0'] }); },
  show() { this.setData({ second: !this.data.second }); },
  ask() {
    this.kept.plus();
    const boxes = this.$selectAllComponents('.first');
    console.log('found', boxes.length, this.$selectComponent('#second') === null, this.$selectComponent('#host').is);
  },
});`,
  'shared/head.axml': '<view class="head" onTap="more">head {{start}}</view><template name="never"><view /></template>',
  'shared/cells.axml': '<template name="cell"><view class="cell" onTap="cellTapped">{{word}} {{more}} {{start}} {{told}}</view></template>',
  'shared/util.sjs':
    "import { AGE } from './age.sjs';\nconst shout = (text) => text.toUpperCase();\nexport { shout, AGE };\nexport default { twice: (n) => n * 2 };",
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
  'components/box/index.axml':
    '<view class="box"><slot name="head">no head</slot><view class="title">{{title}}</view><slot>nothing</slot><row a:for="{{list}}" a:key="*this" value="{{item}}"><slot name="row" value="{{item}}" slot="inner">-</slot></row></view>',
  'components/box/index.js': "Component({ props: { title: '', list: [] } });",
  'components/box/row.json': component(),
  'components/box/row.axml': '<view class="row"><slot name="inner" /></view>',
  'components/box/row.js':
    "Component({ didMount() { console.log('row', this.selectOwnerComponent().is, this.selectComposedParentComponent().is); } });",
  'components/hosted/hosted.json': '{ "component": true, "virtualHost": false }',
  'components/hosted/hosted.axml': '<text class="hosted"><slot /></text>',
  'components/hosted/hosted.acss': ':host { color: rgb(3, 2, 1) }',
  'components/hosted/hosted.js': 'Component({});',
  'pages/a/a.acss': '.red { color: rgb(200, 0, 0) }',
  'components/alone/alone.json': '{ "component": true, "styleIsolation": "apply-shared", "usingComponents": { "inner": "./inner" } }',
  'components/alone/alone.axml':
    '<view class="mine my-class">its own</view><view class="outer"><slot /></view><inner in-class="text-class" /><input class="field" placeholder-class="mine" placeholder="here" /><rich-text nodes="<b class=mine>rich</b>" />',
  'components/alone/alone.acss': '.mine, .none > view, .outer .mine:not(.x) { background-color: rgb(0, 0, 9) } view { margin-left: 3px }',
  'components/alone/alone.js': "Component({ options: { externalClasses: true }, externalClasses: ['my-class', 'text-class'] });",
  'components/alone/inner.json': '{ "component": true, "styleIsolation": "apply-shared" }',
  'components/alone/inner.axml': '<text class="inner in-class">inner</text>',
  'components/alone/inner.acss': '.inner { font-size: 11px }',
  'components/alone/inner.js': "Component({ options: { externalClasses: true }, externalClasses: ['in-class'] });",
  'components/list/list.json': component(),
  'components/list/list.axml': '<view class="list"><slot /></view>',
  'components/list/list.js': `import every from './every';
Component({
  options: { relations: true, lifetimes: true },
  relations: {
    './entry': { type: 'child', linked({ props, entered }) { console.log('linked', props.name, entered); }, linkChanged({ props }) { console.log('changed', props.name); }, unlinked({ props }) { console.log('unlinked', props.name); } },
    './any': { type: 'descendant', target: every },
    './missing': { type: 'child', target: every, linked() { console.log('never'); } },
  },
  lifetimes: { ready() { console.log('nodes', this.names()); } },
  methods: { names() { return ['./entry', './any', './none'].map((key) => this.getRelationNodes(key).map(({ props }) => props.name).join('')).join(); } },
});`,
  'components/list/every.js': 'export default Mixin({ methods: {} });',
  'components/list/entry.json': component(),
  'components/list/entry.axml': '<text class="entry">{{name}}</text>',
  'components/list/entry.js': `import every from './every';
Component({
  mixins: [every],
  options: { relations: true, lifetimes: true },
  relations: { './list': { type: 'parent', linked(list) { this.list = list; console.log('in', this.props.name, list.is); }, linkChanged(list) { console.log('turned', this.props.name, list.names()); }, unlinked() { console.log('out', this.props.name); } }, '/components/list/list': { type: 'ancestor' } },
  lifetimes: { attached() { this.entered = true; }, ready() { console.log('with', this.props.name, this.list.names()); }, moved() { console.log('moved', this.props.name); }, detached() { console.log('gone', this.props.name); } },
});`,
  'more/pages/b.axml': '<view class="b">B</view><kept-out b-class="b" />',
  'more/pages/b.json': '{ "styleIsolation": "apply-shared", "usingComponents": { "kept-out": "/more/kept-out" } }',
  'more/pages/b.acss': '.b { color: rgb(5, 5, 5) } text { color: rgb(6, 6, 6) } page { background-color: rgb(7, 7, 7) }',
  'more/kept-out.json': '{ "component": true, "styleIsolation": "apply-shared" }',
  'more/kept-out.axml': '<text class="out">out</text><text class="given b-class">given</text><view class="b">not</view>',
  'more/kept-out.js': "Component({ options: { externalClasses: true }, externalClasses: ['b-class'] });",
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

/** Waits for a console line with this text, and returns all lines so far. */
async function logged(text) {
  await page.locator('li[data-kind="console"]', { hasText: text }).first().waitFor({ state: 'attached' });
  return (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values.join(' '));
}

const texts = (selector) => page.locator(`.phone-page ${selector}`).allTextContents();

test('it builds without faults', async () => {
  const { faults, notices } = await compileProject(stage.appDir, { runtimeModule: 'vue', strict: true });
  assert.deepEqual([...faults, ...notices].map(String), []);
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => ['error', 'notice'].includes(kind)),
    [],
  );
});

test('a component is created, drawn and mounted before the page is ready', async () => {
  const lines = await logged('ready');
  assert.deepEqual(
    lines.filter((line) => /^(created|onInit|ref|mixin|didMount|ready)/.test(line)),
    ['created 1', 'onInit /components/counter 0 1 pages/a/a', 'ref plus', 'mixin didMount', 'didMount', 'ready true'],
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith('row')),
    Array(2).fill('row /components/box/index /components/box/index'),
  );
  assert.deepEqual(await texts('.count'), ['named 1+0 1 #true']);
});

test('slots: named, scoped, and with their default content', async () => {
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

test('styles of a component and its node', async () => {
  const styled = (selector, name) =>
    page
      .locator(`.phone-page ${selector}`)
      .first()
      .evaluate((element, of) => getComputedStyle(element)[of], name);
  assert.equal(await styled('.count', 'color'), 'rgb(7, 8, 9)');
  assert.equal(await styled('.hosted', 'color'), 'rgb(3, 2, 1)');
  assert.equal(await page.locator('.phone-page #host.on-host').getAttribute('style'), 'top: 1px;');
});

test('styles of a component that keeps them to itself, and classes that its user gives it', async () => {
  const styled = (selector, name, of) =>
    page
      .locator(`.phone-page ${selector}`)
      .first()
      .evaluate((element, [style, pseudo]) => getComputedStyle(element, pseudo)[style], [name, of]);
  const [own, none] = ['rgb(0, 0, 9)', 'rgba(0, 0, 0, 0)'];
  assert.deepEqual(
    [
      await styled('.mine.my-class', 'backgroundColor'),
      await styled('.mine.my-class', 'marginLeft'),
      await styled('.mine.my-class', 'color'),
    ],
    [own, '3px', 'rgb(200, 0, 0)'],
  );
  assert.deepEqual(
    [
      await styled('.outer .mine', 'backgroundColor'),
      await styled('.mine.inner', 'backgroundColor'),
      await styled('.mine.inner', 'marginLeft'),
    ],
    [none, none, '0px'],
  );
  assert.deepEqual(
    [await styled('text.inner, axml-text.inner', 'fontSize'), await styled('axml-text.inner', 'color')],
    ['11px', 'rgb(200, 0, 0)'],
  );
  assert.notEqual(await styled('.mine.inner', 'fontSize'), '11px');
  assert.deepEqual([await styled('.field .mine', 'backgroundColor'), await styled('b.mine', 'backgroundColor')], [own, own]);
});

test('relations: both sides are told when a component comes and goes, and asked for in the order of the page, also when one is moved', async () => {
  const lines = await logged('with b');
  assert.deepEqual(
    lines.filter((line) => /^(linked|in |nodes|never)/.test(line)),
    ['linked a true', 'in a /components/list/list', 'linked b true', 'in b /components/list/list', 'nodes ab,ab,'],
  );
  await page.locator('.phone-page .less').click();
  const then = (await logged('with 0')).slice(lines.length);
  assert.deepEqual(
    then.filter((line) => /^(gone|unlinked|out|with)/.test(line)),
    ['gone a', 'unlinked a', 'out a', 'with 0 0b,0b,'],
  );
  await page.locator('.phone-page .turn').click();
  const turned = (await logged('turned')).slice(lines.length + then.length);
  const [, name] = /^moved (\S)$/.exec(turned[0]) ?? [];
  assert.deepEqual(turned, [`moved ${name}`, `changed ${name}`, `turned ${name} b0,b0,`]);
});

test('props change and data is set, and each is reported once it is drawn', async () => {
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

test('a removed component is notified, and select finds only existing ones', async () => {
  await page.locator('.phone-page .show').click();
  await page.locator('.phone-page .count').nth(1).click();
  await logged('default onCount');
  await page.locator('.phone-page .show').click();
  const lines = await logged('detached');
  assert.ok(lines.indexOf('didUnmount') >= 0 && lines.indexOf('didUnmount') < lines.indexOf('detached'));
  await page.locator('.phone-page .ask').click();
  assert.ok((await logged('found')).includes('found 1 true /components/hosted/hosted'));
});

test('tabs have pictures, and sub-packages have pages', async () => {
  assert.deepEqual(await page.locator('.phone-tabs img').evaluateAll((images) => images.map((image) => image.getAttribute('src'))), [
    '/__simulator/files/assets/b.png',
  ]);
  await page.locator('.phone-tabs button').nth(1).click();
  await reads(page, '.b', 'B');
  await reads(page, '.out', 'out');
  const color = (selector) => page.locator(`.phone-page ${selector}`).evaluate((element) => getComputedStyle(element).color);
  assert.deepEqual(
    [
      await color('.b >> nth=0'),
      await color('.given'),
      await page.locator('.phone-page').evaluate((element) => getComputedStyle(element).backgroundColor),
    ],
    ['rgb(5, 5, 5)', 'rgb(5, 5, 5)', 'rgb(7, 7, 7)'],
  );
  for (const other of ['.out', '.b >> nth=2'])
    assert.ok(!['rgb(5, 5, 5)', 'rgb(6, 6, 6)'].includes(await color(other)), `a page that keeps its styles to itself: ${other}`);
  assert.deepEqual(await page.locator('.phone-tabs img').evaluateAll((images) => images.map((image) => image.getAttribute('src'))), [
    '/__simulator/files/assets/a.png',
  ]);
});
