// Interactive and display tags: what they do, and which events the page gets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';

const FILES = {
  'app.json':
    '{ "pages": ["pages/a/a", "pages/b/b", "pages/c/c"], "tabBar": { "items": [{ "name": "a", "pagePath": "pages/a/a" }, { "name": "c", "pagePath": "pages/c/c" }] } }',
  'app.js': 'App({});',
  'pages/a/a.axml': `
<view class="told">{{told}}</view>
<swiper class="swiper" current="{{current}}" indicator-dots circular="{{circular}}" duration="0" onChange="hear" data-of="swiper">
  <swiper-item a:for="{{[0, 1, 2]}}" a:key="*this"><view class="item">item {{item}}</view></swiper-item>
</swiper>
<button class="to-last" onTap="toLast">last</button>
<swiper class="clock" autoplay interval="{{interval}}" duration="0" onChange="hear" data-of="clock"><swiper-item>x</swiper-item><swiper-item>y</swiper-item></swiper>
<button class="start" onTap="start">start</button>
<form onSubmit="hear" onReset="hear" data-of="form">
  <checkbox-group name="many" onChange="hear" data-of="many">
    <label><checkbox class="m1" value="1" checked="{{true}}" onChange="hear" data-of="m1" />one</label>
    <label class="label-m2"><checkbox class="m2" value="2" />two</label>
    <checkbox class="m3" value="3" disabled />
  </checkbox-group>
  <radio-group name="one" onChange="hear" data-of="one"><radio class="r1" value="1" checked /><radio class="r2" value="2" /></radio-group>
  <slider class="slider" name="size" value="20" max="40" step="10" show-value onChange="hear" onChanging="hearToo" data-of="slider" />
  <textarea class="area" name="text" value="one" maxlength="12" onInput="hear" onBlur="hearToo" data-of="area" />
  <button class="send" form-type="submit">send</button><button class="reset" form-type="reset">reset</button>
</form>
<input class="field" confirm-type="search" onFocus="hearToo" onConfirm="hear" onBlur="hear" data-of="field" />
<icon class="icon" type="success" size="40" color="rgb(1, 2, 3)" /><progress class="progress" percent="30" show-info />
<scroll-view class="scroll" scroll-y scroll-top="{{top}}" onScroll="hear" onScrollToLower="hearToo" data-of="scroll"><view class="tall"><view id="low">low</view></view></scroll-view>
<button class="lower" onTap="lower">lower</button>
<view class="touched" onTouchStart="touch" onTouchMove="touch" onTouchEnd="touch" onLongTap="touch"><text class="finger">touch</text></view>
<map class="map" longitude="{{120.1}}" latitude="{{30.2}}" scale="3" style="height: 90px" markers="{{markers}}" controls="{{controls}}" onTap="hearToo" onMarkerTap="spot" onCalloutTap="spot" onControlTap="spot" onRegionChange="region"><cover-view class="over">over</cover-view></map><cover-image src="/dot.svg" />
<picker class="picker" range="{{range}}" range-key="name" value="{{0}}" onChange="hear" data-of="picker"><view>pick</view></picker>
<picker-view class="columns" value="{{[1, 0]}}" onChange="hear" data-of="columns"><picker-view-column a:for="{{[0, 1]}}" a:key="*this"><view>x</view><view class="y">y</view></picker-view-column></picker-view>
<video class="video" src="/a.mp4" autoplay onPlay="clip" onPause="clip" onEnded="clip" />
<rich-text class="rich" nodes="{{html}}" /><rich-text class="nodes" nodes="{{nodes}}" />
<image class="seen" src="/dot.svg" onLoad="seen" /><image src="/none.svg" onError="seen" />
<navigator class="to-b" url="../b/b?x=1">b</navigator><navigator class="to-c" open-type="switchTab" url="/pages/c/c">c</navigator>`,
  'pages/a/a.acss': '.item { height: 40px } .scroll { height: 60px } .tall { height: 500px }',
  'pages/a/a.js': `Page({
  data: { told: 'nothing', range: [{ name: 'one' }, { name: 'two' }], html: '<p onclick="x()">a<script>b</script><b style="color: rgb(9, 8, 7)">c</b></p>', nodes: [{ name: 'h1', children: [{ type: 'text', text: 'head' }] }, { name: 'iframe' }], markers: [{ id: 7, longitude: 120.1, latitude: 30.2, callout: { content: 'here' } }, { id: 8, longitude: 190, latitude: 'none', width: 20, height: 20, iconPath: '/dot.svg' }], controls: [{ id: 3, position: { left: 4, top: 50, width: 30, height: 30 }, iconPath: '/dot.svg' }, { id: 4, position: { left: 40, top: 50 }, clickable: false }], current: 0, circular: true, interval: 100000000, top: 0 },
  heard: [],
  hear({ type, detail, currentTarget: { dataset } }) { this.setData({ told: JSON.stringify([dataset.of, type, detail && detail.value !== undefined ? detail.value : detail]) }); },
  hearToo({ type }) { this.heard.push(type); },
  touch({ type, touches = [], changedTouches = [], target }) { this.touched = (this.touched || []).concat(type + touches.length + changedTouches.length + target.tagName); this.setData({ told: this.touched.join() }); },
  seen({ type, detail }) { console.log(type, Object.keys(detail).join()); },
  spot({ type, controlId, markerId }) { this.setData({ told: [type, controlId, markerId].join() }); },
  region({ type, longitude, latitude, scale }) { this.regions = (this.regions || []).concat([[type, longitude, latitude, scale].join(' ')]); this.setData({ told: this.regions.join() }); },
  clip({ type }) { this.clips = (this.clips || []).concat(type); this.setData({ told: this.clips.join() }); },
  toLast() { this.setData({ current: 2, told: 'heard ' + this.heard }); },
  start() { this.setData({ interval: 20 }); },
  lower() { this.setData({ top: 440 }); },
});`,
  'dot.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2" />',
  'pages/b/b.axml': '<view class="b">{{x}}</view><navigator class="back" open-type="navigateBack">back</navigator>',
  'pages/b/b.js': 'Page({ data: { x: 0 }, onLoad({ x }) { this.setData({ x }); } });',
  'pages/c/c.axml': '<web-view src="https://h5.shop.example/a?b" />',
  'pages/c/c.js': 'Page({});',
};

let stage;
let page;
before(async () => {
  stage = await Stage.open({ files: FILES });
  page = await stage.page();
  await page.locator('.phone-page .told').waitFor();
});
after(() => stage?.close());

const at = (selector) => page.locator(`.phone-page ${selector}`);
const told = (...what) => reads(page, '.told', JSON.stringify(what));

/** Swipes over an element, by a share of its width. */
async function swipe(selector, share) {
  const { x, y, width, height } = await at(selector).boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + share * width, y + height / 2, { steps: 3 });
  await page.mouse.up();
}

test('swiper: a long enough swipe, the page and the timer change the item', async () => {
  await swipe('.swiper', -0.4);
  await told('swiper', 'change', { current: 1 });
  await swipe('.swiper', -0.1);
  assert.equal(await at('.swiper').getAttribute('data-current'), '1', 'too short');
  await swipe('.swiper', 0.4);
  await told('swiper', 'change', { current: 0 });
  await swipe('.swiper', 0.4);
  await told('swiper', 'change', { current: 2 });
  assert.equal(await at('.swiper .axml-dots i').count(), 3);
  await swipe('.swiper', -0.4);
  await at('.to-last').click();
  await page.locator('.phone-page .swiper[data-current="2"]').waitFor();
  await reads(page, '.told', /^heard/);
  await at('.start').click();
  await told('clock', 'change', { current: 1 });
  await told('clock', 'change', { current: 0 });
});

test('checkboxes and radios: each one, their group and the form; a label activates them, disabled ones do not change', async () => {
  const { page: own } = { page };
  await own.reload();
  await at('.m1').waitFor();
  await at('.label-m2').click({ position: { x: 30, y: 8 } });
  await told('many', 'change', ['1', '2']);
  await at('.m1').click();
  await told('many', 'change', ['2']);
  await at('.m3').click();
  assert.equal(await at('.m3').getAttribute('aria-checked'), 'false');
  await at('.r2').click();
  await told('one', 'change', '2');
  assert.deepEqual(await Promise.all(['.r1', '.r2'].map((radio) => at(radio).getAttribute('aria-checked'))), ['false', 'true']);
  await at('.send').click();
  await told('form', 'submit', { many: ['2'], one: '2', size: 20, text: 'one' });
  await at('.reset').click();
  await told('form', 'reset', null);
  await at('.send').click();
  await told('form', 'submit', { many: ['1'], one: '1', size: 20, text: 'one' });
});

test('slider, textarea and input: user input and focus', async () => {
  await at('.slider input').focus();
  await page.keyboard.press('ArrowRight');
  await told('slider', 'change', 30);
  await reads(page, '.slider span', '30');
  await at('.area textarea').fill('one two three four');
  await told('area', 'input', 'one two thre');
  await reads(page, '.axml-count', '12/12');
  await at('.field input').fill('tea');
  await page.keyboard.press('Enter');
  await told('field', 'confirm', 'tea');
  await at('.to-last').click();
  await reads(page, '.told', 'heard changing,blur,focus');
});

test('icon and progress show their values', async () => {
  const icon = at('.icon');
  assert.deepEqual(await icon.evaluate((element) => [element.clientWidth > 30, getComputedStyle(element).color]), [true, 'rgb(1, 2, 3)']);
  await reads(page, '.progress', '30%');
  assert.equal(await at('.progress').getAttribute('aria-valuenow'), '30');
});

test('scroll-view scrolls where the page says, and reports its position', async () => {
  await at('.lower').click();
  await reads(page, '.told', /^\["scroll","scroll",\{"scrollLeft":0,"scrollTop":440,"scrollHeight":500,"scrollWidth":\d+\}\]$/);
  await at('.to-last').click();
  await reads(page, '.told', 'heard changing,blur,focus,scrollToLower');
});

test('navigator opens a page relative to its own, goes back, and switches tabs; a web-view shows its address', async () => {
  await at('.to-b').click();
  await reads(page, '.b', '1');
  await at('.back').click();
  await at('.to-c').waitFor();
  await at('.to-c').click();
  await reads(page, 'axml-web-view', 'web-viewhttps://h5.shop.example/a?b');
  const { y, height } = await at('axml-web-view').boundingBox();
  const frame = await page.locator('.phone-page').boundingBox();
  assert.deepEqual([y, height], [frame.y, frame.height], 'it fills the page');
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => kind === 'error'),
    [],
  );
});

test('a picker and the columns of a picker-view report the choice', async () => {
  await page.goto(page.url());
  await page.locator('.phone-page .picker select').focus();
  await page.keyboard.press('ArrowDown');
  await reads(page, '.told', '["picker","change",1]');
  await page.locator('.phone-page .columns .y').nth(1).click();
  await reads(page, '.told', '["columns","change",[1,1]]');
  assert.equal(await page.locator('.phone-page .columns [data-chosen]').count(), 2);
});

test("a video's buttons fire its events", async () => {
  const key = (action) => page.locator(`.phone-page .video [data-action="${action}"]`).click();
  await key('pause');
  await reads(page, '.told', 'play,pause');
  await key('play');
  await key('end');
  await reads(page, '.told', 'play,pause,play,ended');
});

test('rich-text shows only allowed nodes', async () => {
  await reads(page, '.rich', 'ac');
  assert.equal(await page.locator('.phone-page .rich p').getAttribute('onclick'), null);
  assert.equal(await page.locator('.phone-page .rich b').evaluate((element) => getComputedStyle(element).color), 'rgb(9, 8, 7)');
  await reads(page, '.nodes', 'head');
});

test('a map is a box with its attributes, tappable markers and controls, and overlays; a picture fires load or error', async () => {
  const box = page.locator('.phone-page axml-map.map');
  assert.equal(await box.getAttribute('data-given'), '120.1 30.2 3');
  for (const [what, heard] of [
    ['[data-marker="8"]', 'markerTap,,8'],
    ['[data-marker="7"] small', 'calloutTap,,7'],
    ['[data-control="3"]', 'controlTap,3,'],
    ['[data-control="4"]', 'controlTap,3,'],
  ]) {
    await box.locator(what).click();
    await reads(page, '.told', heard);
  }
  await reads(page, '.map .over', 'over');
  const { x, y } = await box.boundingBox();
  await page.mouse.move(x + 150, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + 140, y + 45);
  await page.mouse.move(x + 130, y + 50);
  await page.mouse.up();
  await reads(page, '.told', /^begin 120\.1 30\.2 3,end [^,]+ 3$/);
  const end = (await at('.told').textContent()).split(',end ')[1];
  const [longitude, latitude] = end.split(' ').map(Number);
  assert.ok(longitude > 120.1 && latitude > 30.2, `drawn to the left and down, it shows what is east and north: ${end}`);
  assert.equal(await box.getAttribute('data-given'), end);
  await page.mouse.wheel(0, -100);
  await reads(page, '.told', new RegExp(`,begin ${end},end ${longitude} ${latitude} 5$`));
  await page.locator('li[data-kind="console"]', { hasText: 'errMsg' }).first().waitFor({ state: 'attached' });
  const lines = (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values.join(' '));
  assert.deepEqual(lines.sort(), ['error errMsg', 'load width,height']);
});

test('touch events: start, long tap, move, end', async () => {
  await page.locator('.phone-page .finger').scrollIntoViewIfNeeded();
  const box = await page.locator('.phone-page .finger').boundingBox();
  const [x, y] = [box.x + 4, box.y + 4];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await reads(page, '.told', 'touchStart11text,longTap00text');
  await page.mouse.move(x + 3, y);
  await reads(page, '.told', 'touchStart11text,longTap00text,touchMove11text');
  await page.mouse.up();
  await reads(page, '.told', 'touchStart11text,longTap00text,touchMove11text,touchEnd01text');
});
