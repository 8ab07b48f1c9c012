// Appearance and motion of pages: window options, animations, the pressed state, texts and placeholders.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reads, Stage } from './support/stage.mjs';

const FILES = {
  'app.json': JSON.stringify({
    pages: ['pages/a', 'pages/b'],
    window: { navigationBarFrontColor: 'white', titleBarColor: '#112233', responsive: false },
  }),
  'app.js': 'App({});',
  'pages/a.json': JSON.stringify({ transparentTitle: 'auto', titlePenetrate: 'YES', showTitleLoading: 'YES', defaultTitle: 'a' }),
  'pages/a.axml': `
<view class="under" onTap="hear">under</view>
<view class="told">{{told}}</view>
<view class="moved" style="opacity: 0.5" animation="{{steps}}" onTransitionEnd="hear">moved</view>
<button class="move" onTap="move">move</button>
<view class="outer" hover-class="hovered"><view class="inner" hover-class="hovered" hover-stop-propagation onTap="go">inner</view></view>
<text class="decoded" decode>a&lt;b&amp;&nbsp;c</text><text class="spaced" space="emsp">a b</text>
<input class="field" placeholder="name" placeholder-style="color: rgb(1, 2, 3); font-size: 40rpx" selection-start="1" selection-end="3" value="{{name}}" />
<button class="plain" plain hover-start-time="20" hover-stay-time="70">plain</button>
<image class="late" src="/none.svg" default-source="/dot.svg" lazy-load />
<view class="whole" style="width: 50vw">whole</view>
<view class="tall" style="height: 1500px" />
<view class="far" style="height: 40px" onAppear="hear" onFirstAppear="hear" onDisappear="hear">far</view>
<view class="spun" onAnimationEnd="hear">spun</view>`,
  'pages/a.acss':
    '.under { height: 90px } .whole { height: 100vh } .moved { width: 9px; height: 9px; overflow: hidden } .hovered { color: rgb(9, 9, 9) } .spun { animation: spin 1ms } @keyframes spin { to { opacity: 0.9 } }',
  'pages/a.js': `Page({
  data: { told: '', name: '', steps: null },
  heard: [],
  hear({ type, detail }) { this.heard.push(type); this.setData({ told: this.heard.join() }); },
  move() {
    const animation = my.createAnimation({ duration: 1 });
    this.setData({ steps: animation.translate(10, 20).opacity(1).step().rotate(90).step().export(), name: 'abcd' });
  },
  go() { my.navigateTo({ url: '/pages/b' }); },
});`,
  'pages/b.json': JSON.stringify({ titleImage: 'https://shop.example/logo.png', transparentTitle: 'always' }),
  'pages/b.axml': '<view class="b">b</view>',
  'pages/b.js': 'Page({});',
  'dot.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2" />',
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
const style = (place, name) => place.evaluate((element, of) => getComputedStyle(element)[of], name);

test('a view is animated over its own style, and each step fires its end', async () => {
  await reads(page, '.told', 'animationEnd');
  await at('.move').click();
  await reads(page, '.told', 'animationEnd,transitionEnd,transitionEnd');
  assert.deepEqual([await style(at('.moved'), 'transform'), await style(at('.moved'), 'opacity')], ['matrix(0, 1, -1, 0, 10, 20)', '1']);
});

test('a transparent title bar overlays the page, lets taps through, and turns opaque on scrolling', async () => {
  const bar = page.locator('.phone-bar');
  assert.equal(await style(bar, 'color'), 'rgb(255, 255, 255)');
  assert.match(await style(bar, 'background-color'), /(, | \/ )0\)$/);
  await page.locator('[data-title-loading]').waitFor();
  const box = await bar.boundingBox();
  await page.mouse.click(box.x + 60, box.y + 50);
  await reads(page, '.told', 'animationEnd,transitionEnd,transitionEnd,tap');
});

test('a styled placeholder is shown until text is entered; a field selects what it is told to', async () => {
  await page.reload();
  assert.equal(await style(at('.field .axml-placeholder'), 'color'), 'rgb(1, 2, 3)');
  assert.equal(await style(at('.field .axml-placeholder'), 'font-size'), '20px');
  await at('.move').click();
  await at('.field .axml-placeholder').waitFor({ state: 'detached' });
  await at('.field input').focus();
  assert.deepEqual(await at('.field input').evaluate(({ selectionStart, selectionEnd }) => [selectionStart, selectionEnd]), [1, 3]);
});

test('viewport units refer to the page area below the title bar', async () => {
  const [whole, phone] = await Promise.all([at('.whole'), page.locator('.phone-page')].map((place) => place.boundingBox()));
  assert.deepEqual([whole.height, whole.width], [phone.height, phone.width / 2]);
});

test('texts are decoded and spaced, a plain button is plain, a picture shows its placeholder until it loads', async () => {
  assert.deepEqual([await at('.decoded').textContent(), await at('.spaced').textContent()], ['a<b&\u00A0c', 'a\u2003b']);
  await at('.plain[data-type=ghost]').waitFor();
  assert.match(await at('.late .axml-meanwhile').getAttribute('src'), /dot\.svg$/);
});

test('a pressed element shows it and keeps it from its surroundings; later if an attribute sets a delay', async () => {
  const press = async (selector) => {
    await at(selector).hover();
    await page.mouse.down();
  };
  await press('.inner');
  await at('.inner.hovered').waitFor();
  assert.equal(await at('.outer.hovered').count(), 0);
  await page.mouse.up();
  // The opened page has a picture as its title.
  await at('.b').waitFor();
  await page.locator('.phone-title', { hasText: 'https://shop.example/logo.png' }).waitFor();
  await page.locator('.phone-bar[data-transparent]').waitFor();
  await page.locator('[data-action="navigate-back"]').click();
});

test('an element reports appearing and disappearing', async () => {
  assert.doesNotMatch(await at('.told').textContent(), /ppear/);
  await at('.far').scrollIntoViewIfNeeded();
  await reads(page, '.told', /firstAppear,appear$/);
  assert.match(await style(page.locator('.phone-bar'), 'background-color'), /^color\(srgb 0\.0666|^rgb\(17, 34, 51\)/);
  await at('.told').scrollIntoViewIfNeeded();
  await reads(page, '.told', /disappear$/);
});
