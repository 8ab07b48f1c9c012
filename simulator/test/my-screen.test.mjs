// Calls that change the screen or ask the person, on the simulator's own screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';
import { zipOf } from './support/zip.mjs';

const CALLS = {
  loading: "my.showLoading({ content: '载入中' })",
  moment: "(my.showLoading({ mask: false }), my.confirm({ content: '停', success: () => my.hideLoading({ page: this, success: tell }) }))",
  bar: "my.setNavigationBar({ title: '新标题', backgroundColor: '#112233', success: tell })",
  confirm: "my.confirm({ title: '问', content: '行吗', confirmButtonText: '行', success: tell })",
  prompt: "my.prompt({ message: '名字', success: tell })",
  sheet: "my.showActionSheet({ items: ['甲', '乙'], success: tell })",
  date: "my.datePicker({ currentDate: '2026-01-02', success: tell })",
  options: "my.optionsSelect({ optionsOne: ['一', '二'], success: tell })",
  pay: "my.tradePay({ tradeNO: '2026', success: tell })",
  where: 'my.getLocation({ success: tell })',
  picture: 'my.chooseImage({ fail: tell })',
  phone: "my.makePhoneCall({ number: '95188', success: tell })",
  scroll: "my.pageScrollTo({ selector: '#far', success: tell })",
  query: `my.createSelectorQuery()
    .select('#none').boundingClientRect()
    .select('#box').boundingClientRect()
    .selectAll('.item').fields({ id: true, dataset: true, size: true, computedStyle: ['color'] }, (found) => this.setData({ heard: found.length }))
    .selectViewport().boundingClientRect()
    .selectViewport().scrollOffset()
    .exec(tell)`,
  own: "this.createSelectorQuery().select('#box').fields({ rect: true }).exec(tell)",
  info: "my.getImageInfo({ src: '/dot.svg', success: tell })",
  badge: "my.setTabBarBadge({ index: 1, text: '3', success: tell })",
  hideTabs: 'my.hideTabBar({ success: tell })',
  showTabs: 'my.showTabBar()',
  watch:
    "(this.seen = my.createIntersectionObserver()).observe('#far', ({ intersectionRatio }) => { this.seen.disconnect(); this.setData({ heard: `watch ${intersectionRatio > 0}` }); })",
  ext: 'my.getExtConfig({ success: tell })',
  launch: 'tell(my.getLaunchOptionsSync())',
  here: "(my.chooseCity({ showLocatedCity: true, setLocatedCity: true, success: tell }), my.onLocatedComplete(({ locatedCityId }) => my.setLocatedCity({ locatedCityId, locatedCityName: '余杭' })))",
  draw: `(() => {
    const canvas = my.createOffscreenCanvas(2, 3);
    const drawing = canvas.getContext('2d');
    drawing.fillStyle = '#010203';
    drawing.fillRect(0, 0, 1, 1);
    tell([canvas.width, canvas.height, ...drawing.getImageData(0, 0, 1, 1).data, typeof canvas.convertToBlob, typeof canvas.toDataURL]);
  })()`,
  unpack: `(() => {
    const [files, dir] = [my.getFileSystemManager(), my.env.USER_DATA_PATH];
    files.writeFileSync(dir + '/a.zip', '${zipOf({ 'in/a.txt': '甲' }).toString('base64')}', 'base64');
    files.unzip({ zipFilePath: dir + '/a.zip', targetPath: dir + '/out', success: () => tell(files.readFileSync(dir + '/out/in/a.txt', 'utf8')), fail: tell });
  })()`,
  first: 'my.enableAlertBeforeUnload({ fail: tell })',
  on: "my.navigateTo({ url: '/pages/c/c' })",
};

const FILES = {
  'app.json': JSON.stringify({
    pages: ['pages/a/a', 'pages/b/b', 'pages/c/c'],
    tabBar: {
      items: [
        { name: '一', pagePath: 'pages/a/a' },
        { name: '二', pagePath: 'pages/b/b' },
      ],
    },
    permission: { 'scope.userLocation': { desc: '用于查找附近门店' }, 'scope.album': { desc: '用于评价晒图' } },
  }),
  'app.js': 'App({});',
  'ext.json': '{ "extEnable": true, "ext": { "shop": 7 } }',
  'dot.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="8" height="4"/></svg>',
  'pages/a/a.json': '{ "pullRefresh": true, "defaultTitle": "旧标题" }',
  'pages/a/a.axml': [
    '<view class="result">{{result}}</view><view class="heard">{{heard}}</view><view class="pulls">{{pulls}}</view>',
    '<view a:for="{{names}}" a:key="*this" class="call" id="{{item}}" data-name="{{item}}" onTap="make">{{item}}</view>',
    '<view id="box" style="position: absolute; left: 10px; top: 20px; width: 30px; height: 40px"></view>',
    '<view class="item" id="one" data-n="{{1}}" style="color: #010203; width: 50px; height: 6px"></view><view class="item"></view>',
    '<view style="position: fixed; top: 100%; z-index: 99; width: 100%; height: 100%; background: red">outside</view>',
    '<view style="height: 2000px"></view><view id="far">far</view><view style="height: 2000px"></view>',
  ].join('\n'),
  'pages/a/a.js': `Page({
    data: { result: '', heard: '', pulls: '', names: ${JSON.stringify(Object.keys(CALLS))} },
    onShareAppMessage: ({ from }) => Promise.resolve({ title: '分享 ' + from, path: 'pages/b/b', success: ({ shareResult }) => console.log('shared', shareResult) }),
    onPullDownRefresh({ from }) { this.setData({ pulls: this.data.pulls + from }, () => setTimeout(() => my.stopPullDownRefresh(), 0)); },
    make({ target: { dataset: { name } } }) {
      const tell = (value) => this.setData({ result: name + ' ' + JSON.stringify(value) });
      ({ ${Object.entries(CALLS)
        .map(([name, code]) => `${name}: () => ${code}`)
        .join(',\n')} })[name]();
    },
  });`,
  'pages/c/c.axml': '<view class="c {{asks}}" onTap="free">c</view>',
  'pages/c/c.js': `Page({
    data: { asks: '' },
    onReady() { my.enableAlertBeforeUnload({ message: '确认离开？', success: () => this.setData({ asks: 'asks' }) }); },
    free() { my.disableAlertBeforeUnload({ success: () => this.setData({ asks: 'free' }) }); },
  });`,
  'pages/b/b.axml': '<view class="b">b</view>',
  'pages/b/b.js':
    'Page({ onLoad() { my.showNavigationBarLoading(); my.startPullDownRefresh(); }, onPullDownRefresh({ from }) { console.log(from); } });',
};

let stage;
let page;
before(async () => {
  stage = await Stage.open({ files: FILES });
  page = await stage.page({ start: { query: 'x=1', scene: '1011' } });
});
after(() => stage?.close());

const make = (name) => page.locator(`.phone-page .call[id="${name}"]`).click();
const panel = (kind) => page.locator(`[data-panel="${kind}"]`);
const press = (kind, action) => panel(kind).locator(`[data-action="${action}"]`).click();

test("panels: the person's press, text and choice is the answer; a script's click is rejected", async () => {
  await make('confirm');
  assert.match(await panel('confirm').textContent(), /问\s*行吗\s*取消\s*行/);
  await panel('confirm')
    .locator('[data-action="ok"]')
    .evaluate((button) => button.click());
  await page.locator('li[data-kind="error"]').waitFor();
  await press('confirm', 'ok');
  await reads(page, '.result', 'confirm {"confirm":true}');
  await make('prompt');
  await panel('prompt').locator('input').fill('小明');
  await press('prompt', 'ok');
  await reads(page, '.result', 'prompt {"ok":true,"inputValue":"小明"}');
  await make('sheet');
  await press('showActionSheet', '1');
  await reads(page, '.result', 'sheet {"index":1}');
  await make('date');
  await press('datePicker', 'ok');
  await reads(page, '.result', 'date {"date":"2026-01-02"}');
  await make('options');
  await panel('optionsSelect').locator('select').selectOption('1');
  await press('optionsSelect', 'ok');
  await reads(page, '.result', /^options \{"selectedOneIndex":1,"selectedOneOption":"二"/);
  await make('pay');
  await press('tradePay', '6001');
  await reads(page, '.result', 'pay {"resultCode":"6001"}');
  await make('phone');
  await press('makePhoneCall', 'ok');
  await reads(page, '.result', 'phone {"success":true}');
  const panels = (await timeline(page)).filter(({ kind }) => kind === 'panel').map(({ panel: name, action }) => `${name} ${action}`);
  assert.deepEqual(panels, [
    'confirm ok',
    'prompt ok',
    'showActionSheet 1',
    'datePicker ok',
    'optionsSelect ok',
    'tradePay 6001',
    'makePhoneCall ok',
  ]);
});

test('a panel says what app.json needs the permission for', async () => {
  await make('picture');
  await panel('image').filter({ hasText: '用于评价晒图' }).waitFor();
  await press('image', 'back');
  await make('where');
  await panel('getLocation').filter({ hasText: '用于查找附近门店' }).waitFor();
  await press('getLocation', 'ok');
  await reads(page, '.result', /^where \{"longitude":"120.126293"/);
});

test('a selector query measures what is drawn', async () => {
  await make('query');
  await reads(page, '.heard', '2');
  const [, none, box, items, window, offset] = await measured('query');
  assert.deepEqual([none, box], [null, { x: 10, y: 20, width: 30, height: 40, top: 20, right: 40, bottom: 60, left: 10 }]);
  assert.deepEqual(items[0], { id: 'one', dataset: { n: 1 }, width: 50, height: 6, color: 'rgb(1, 2, 3)' });
  assert.ok(window.width === 375 && window.height > 400, JSON.stringify(window));
  assert.deepEqual(offset, { scrollTop: 0, scrollLeft: 0 });
  await make('own');
  await reads(page, '.result', 'own [{"top":20,"right":40,"bottom":60,"left":10}]');
});

async function measured(name) {
  await reads(page, '.result', new RegExp(`^${name} `));
  const text = await page.locator('.phone-page .result').textContent();
  return [name, ...JSON.parse(text.slice(name.length))];
}

test("the page scrolls to a selector's element, and an observer sees it", async () => {
  await make('watch');
  await make('scroll');
  await reads(page, '.result', 'scroll {}');
  await page.waitForFunction(() => {
    const [far, window] = ['#far', '.phone-page'].map((each) => document.querySelector(each).getBoundingClientRect());
    return Math.abs(far.top - window.top) < 1;
  });
  await reads(page, '.heard', 'watch true');
  const answers = (await timeline(page)).filter(({ name }) => name === 'IntersectionObserver.observe');
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    ['success'],
    'it was told, and ended',
  );
});

test('pictures of the package, ext.json, and the launch options', async () => {
  await make('info');
  await reads(page, '.result', /^info \{"width":8,"height":4,"type":"svg"|^info \{"width":8,"height":4/);
  await make('ext');
  await reads(page, '.result', 'ext {"data":{"shop":7},"extConfig":{"shop":7}}');
  await make('launch');
  await reads(page, '.result', 'launch {"path":"pages/a/a","scene":"1011","query":{"x":"1"}}');
});

test('the title bar and the tabs can be changed', async () => {
  await make('bar');
  await reads(page, '.result', 'bar {}');
  assert.equal(await page.locator('.phone-title h1').textContent(), '新标题');
  assert.equal(await page.locator('.phone-bar').evaluate((bar) => bar.style.background), 'rgb(17, 34, 51)');
  assert.equal(await page.locator('.phone-bar').evaluate((bar) => bar.style.color), 'rgb(255, 255, 255)');
  await make('badge');
  await reads(page, '.result', 'badge {}');
  assert.equal(await page.locator('.phone-badge').textContent(), '3');
  await make('hideTabs');
  await reads(page, '.result', 'hideTabs {}');
  assert.equal(await page.locator('.phone-tabs').count(), 0);
  await make('showTabs');
  await page.locator('.phone-tabs').waitFor();
});

test('the page decides what is shared, and is told the outcome', async () => {
  await page.locator('[data-action="share"]').click();
  await panel('showSharePanel').filter({ hasText: '分享 menu' }).waitFor();
  await press('showSharePanel', 'ok');
  await page.locator('li[data-kind="console"]').filter({ hasText: 'shared' }).waitFor();
});

test('a pull reports its origin, and is shown until the page stops it', async () => {
  await page.locator('[data-action="pull-down"]').click();
  await reads(page, '.pulls', 'manual');
  await page.locator('[data-action="pull-down"]').waitFor();
  await page.getByRole('button', { name: '二' }).click();
  await page.locator('[data-refreshing]').waitFor();
  await page.locator('[data-title-loading]').waitFor();
  const told = (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values[0]);
  assert.deepEqual(
    told.filter((value) => value === 'code'),
    ['code'],
  );
  await page.getByRole('button', { name: '一' }).click();
});

test('the located city is renamed in the open list', async () => {
  await make('here');
  await panel('chooseCity').locator('option').filter({ hasText: '余杭（当前定位）' }).waitFor({ state: 'attached' });
  await press('chooseCity', 'ok');
  await reads(page, '.result', 'here {"city":"余杭","adCode":"330100","longitude":120.126293,"latitude":30.274653}');
});

test('page code draws off the screen, and unpacks an archive', async () => {
  await make('draw');
  await reads(page, '.result', 'draw [2,3,1,2,3,255,"undefined","function"]');
  await make('unpack');
  await reads(page, '.result', 'unpack {"data":"甲","dataType":"string"}');
});

test('the person is asked before they go back from a page that wants it', async () => {
  const back = page.locator('[data-action="navigate-back"]');
  const open = async () => {
    await make('on');
    await page.locator('.phone-page .c.asks').waitFor();
    await back.click();
    await panel('alertBeforeUnload').filter({ hasText: '确认离开？' }).waitFor();
  };
  await make('first');
  await reads(page, '.result', 'first {"error":8,"errorMessage":"can not invoke enableAlertBeforeUnload at first page"}');
  await open();
  await press('alertBeforeUnload', 'ok');
  await page.locator('.phone-page .result').waitFor();
  await open();
  await press('alertBeforeUnload', 'cancel');
  await page.locator('.phone-page .c').click();
  await page.locator('.phone-page .c.free').waitFor();
  await back.click();
  await page.locator('.phone-page .result').waitFor();
});

test('a loading indicator covers only its own page', async () => {
  await make('moment');
  await panel('loading').waitFor();
  await press('confirm', 'ok');
  await reads(page, '.result', 'moment {}');
  assert.equal(await panel('loading').count(), 0);
  await make('loading');
  await panel('loading').filter({ hasText: '载入中' }).waitFor();
  await page.getByRole('button', { name: '二' }).click();
  await page.locator('.phone-page .b').waitFor();
  assert.equal(await panel('loading').count(), 0, 'another page has none');
  await page.getByRole('button', { name: '一' }).click();
  await panel('loading').waitFor();
});
