import assert from 'node:assert/strict';
import test from 'node:test';
import { startLogic } from './support/logic.mjs';

/** One page, and another that can open it again. */
const onePage = (code, app = 'App({});') => startLogic({ 'app.json': '{ "pages": ["pages/a"] }', 'app.js': app, 'pages/a.js': code });

test('data is copied one level deep: nested values changed in place keep their change in the next page', async () => {
  const logic = await onePage(`Page({
    data: { list: [], count: 0 },
    onLoad() { console.log(JSON.stringify(this.data)); },
    change() { this.data.list.push(1); this.setData({ count: 1 }); this.data.count = 2; },
    again() { my.navigateTo({ url: 'a' }); },
  });`);
  await logic.act('change');
  await logic.act('again');
  assert.deepEqual(logic.log(), ['{"list":[],"count":0}', '{"list":[1],"count":0}']);
});

test('setData with a path changes in place what the copy shares', async () => {
  const logic = await onePage(`Page({
    data: { deep: { n: 0 } },
    onLoad() { console.log(JSON.stringify(this.data)); },
    change() { this.setData({ 'deep.n': 1 }); },
    again() { my.navigateTo({ url: 'a' }); },
  });`);
  await logic.act('change');
  await logic.act('again');
  assert.deepEqual(logic.log(), ['{"deep":{"n":0}}', '{"deep":{"n":1}}']);
});

test('data as a function is called for every page', async () => {
  const logic = await onePage(`Page({
    data: () => ({ list: [] }),
    onLoad() { console.log(JSON.stringify(this.data)); this.data.list.push(1); },
    again() { my.navigateTo({ url: 'a' }); },
  });`);
  await logic.act('again');
  assert.deepEqual(logic.log(), ['{"list":[]}', '{"list":[]}']);
});

test('$spliceData changes lists, $batchedUpdates sends one message', async () => {
  const logic = await onePage(`Page({
    data: { a: { b: [1, 2, 3, 4] }, count: 0 },
    splice() { this.$spliceData({ 'a.b': [1, 0, 5, 6], 'fresh.list': [0, 0, 'x'] }, () => console.log('shown')); },
    wrong() { this.$spliceData({ count: [0, 1] }); },
    batch() {
      this.$batchedUpdates(() => {
        this.setData({ count: this.data.count + 1 });
        this.setData({ count: this.data.count + 1 });
      });
    },
  });`);
  await logic.act('splice');
  const { data, token } = logic.of('page-data').pop();
  assert.deepEqual(data, { a: { b: [1, 5, 6, 2, 3, 4] }, fresh: { list: ['x'] } });
  await logic.after({ type: 'rendered', page: logic.front.page, token });
  assert.deepEqual(logic.log(), ['shown']);
  await logic.act('batch');
  assert.deepEqual(
    logic
      .of('page-data')
      .slice(1)
      .map((message) => message.data),
    [{ count: 2 }],
  );
  await logic.act('wrong');
  assert.deepEqual(logic.errors, ['TypeError: $spliceData: count is not a list']);
});

test('setData of an unloaded page does nothing; values that JSON drops are reported', async () => {
  const logic = await onePage(`Page({
    data: { n: 0 },
    again() { my.navigateTo({ url: 'a' }); },
    leave() { my.navigateBack({ success: () => { this.setData({ n: 1 }); console.log(this.data.n); } }); },
    lose() {
      this.setData({ n: undefined });
      this.setData({ list: [{ f() {} }] });
      this.setData({ map: new Map(), fine: { toJSON: () => 1 } });
    },
  });`);
  await logic.act('again');
  await logic.act('leave');
  assert.deepEqual(logic.log(), ['0']);
  await logic.act('lose');
  assert.deepEqual(
    logic.notices.map((text) => text.split(',')[0]),
    ['setData: n is undefined', 'setData: list[0].f is function', 'setData: map is Map'],
  );
});

test('events of a page are called after its own methods, with the page as this', async () => {
  const logic = await onePage(`Page({
    name: 'page',
    onTitleClick() { console.log('own', this.name); },
    events: { onTitleClick() { console.log('events', this.name); }, onShow() { console.log('shown', this.name); } },
  });`);
  await logic.after({ type: 'title' });
  assert.deepEqual(logic.log(), ['shown page', 'own page', 'events page']);
});

test('observers run for the fields that setData touches, if the page enables them', async () => {
  const code = (options) => `Page({
    ${options}
    data: { a: 1, b: 2, some: { field: 0, other: 0 }, list: [0, 0] },
    observers: {
      'a, b': function (a, b) { console.log('sum', a + b); if (this.data.sum !== a + b) this.setData({ sum: a + b }); },
      'some.field': (value) => console.log('field', value),
      'some.**': (value) => console.log('some', value),
      'list[1]': (value) => console.log('second', value),
      '**': (data) => console.log('all', Object.keys(data).length),
      sum: (sum) => console.log('told', sum),
    },
    set(event) { this.setData(event); },
  });`;
  const logic = await onePage(code('options: { observers: true },'));
  const after = async (changes) => {
    await logic.act('set', changes);
    return logic.log();
  };
  assert.deepEqual(await after({ a: 1 }), ['sum 3', 'all 5', 'told 3', 'all 5']);
  assert.equal(logic.of('page-data').length, 1, 'data set by observers is in the same message');
  assert.deepEqual(await after({ 'some.field': 5 }), ['field 5', 'some {"field":5,"other":0}', 'all 5']);
  assert.deepEqual(await after({ 'some.other': 6 }), ['some {"field":5,"other":6}', 'all 5']);
  assert.deepEqual(await after({ some: { field: 7 } }), ['field 7', 'some {"field":7}', 'all 5']);
  assert.deepEqual(await after({ 'list[0]': 1 }), ['all 5']);
  assert.deepEqual(await after({ list: [1, 2] }), ['second 2', 'all 5']);
  assert.deepEqual(await after({ a: 2, b: 3 }), ['sum 5', 'all 5', 'told 5', 'all 5'], 'each once for one setData');

  const without = await onePage(code(''));
  await without.act('set', { a: 5 });
  assert.deepEqual(without.log(), []);
  assert.match(without.notices[0], /observers of a page only with options: \{ observers: true \}/);
});

test('mixins: data, methods, observers and rootEvents, in order; the page wins', async () => {
  const logic = await onePage(`
    const base = Mixin({ data: { a: 'base', b: 'base' }, methods: { who() { return 'base'; }, only() { return 'only'; } },
      rootEvents: { onShow() { console.log('base onShow', this.data.a); } } });
    const second = Mixin({ mixins: [base], data: { b: 'second', c: 'second' }, observers: { c: (c) => console.log('observed', c) },
      methods: { who() { return 'second'; }, mine() { return 'mixin'; } }, didMount() {}, props: {}, definitionFilter() {} });
    const other = Mixin({});
    Page({
      mixins: [base, second],
      options: { observers: true },
      data: { c: 'page' },
      onShow() {
        console.log('page onShow', JSON.stringify(this.data), this.who(), this.only(), this.mine());
        console.log(this.hasMixin(base), this.hasMixin(second), this.hasMixin(other));
        this.setData({ c: 'new' });
      },
      mine() { return 'page'; },
    });`);
  assert.deepEqual(logic.log(), [
    'base onShow base',
    'page onShow {"a":"base","b":"second","c":"page"} second only page',
    'true true false',
    'observed new',
  ]);
  assert.deepEqual(logic.notices, [
    'a page ignores "didMount" of a mixin: it is for components',
    'a page ignores "props" of a mixin: it is for components',
    'the simulator does not act on definitionFilter of a mixin',
  ]);
  const plain = await onePage('Page({ mixins: [{ data: {} }] });');
  assert.deepEqual(plain.errors, ['TypeError: mixins of a page takes only ids from Mixin(), not plain objects']);
});

test('an unsupported method of a page is reported, with its place', async () => {
  const logic = await onePage('Page({ measure() { this.getTabBar(); } });');
  await logic.act('measure');
  assert.deepEqual(logic.errors, ["TypeError: getTabBar of a page is not in this simulator's subset"]);
});

test('a method that AXML names and the page lacks is an error at start, and again at the tap', async () => {
  const logic = await startLogic({
    'app.json': '{ "pages": ["pages/a"] }',
    'pages/a.axml': '<view>\n  <view onTap="misspelt" />\n</view>',
    'pages/a.js': 'Page({});',
  });
  assert.deepEqual(logic.errors, ['TypeError: onTap="misspelt": the page has no such method']);
  const [{ place }] = logic.of('error');
  assert.deepEqual([place.file, place.line, place.column], ['pages/a.axml', 2, 9]);
  await logic.act('misspelt');
  assert.match(logic.errors[1], /the page has no method "misspelt"/);
});
