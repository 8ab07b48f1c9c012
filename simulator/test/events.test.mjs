import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Stage, timeline } from './support/stage.mjs';

const AXML = `
<view id="outer" class="outer" data-who="outer" mark:where="outer" mark:part="outer" onTap="hear">
  <view id="inner" class="inner" data-who="inner" mark:part="inner"><text id="deep" class="deep" data-deep-part="1">deep</text></view>
</view>
<view class="way" data-who="first" capture-onTap="down" onTap="up">
  <view data-who="second" capture-onTap="down" onTap="up"><text class="leaf" data-who="leaf" capture-onTap="down" onTap="up">leaf</text></view>
</view>
<view data-who="stopping" onTap="up"><view data-who="catching" catchTap="up"><text class="caught" data-who="caught" onTap="up">caught</text></view></view>
<view data-who="first" capture-catchTap="down" onTap="up"><text class="unheard" data-who="unheard" capture-onTap="down" onTap="up">unheard</text></view>
<view class="around" data-who="around" onTap="up"><input class="field" name="field" onInput="hear" /></view>
<form class="form" onSubmit="hear" onReset="hear">
  <switch class="on" name="on" onChange="hear" />
  <button class="send" form-type="submit" data-which="send">send</button>
  <button class="reset" form-type="reset">reset</button>
</form>
<button class="never" disabled="false" onTap="hear">never</button>
<button class="never-either" disabled="{{no}}" onTap="hear">never either</button>
<text a:for="{{list}}" a:key="*this">{{item}}</text>
<view class="phone consent toast" hidden="{{hidden}}"><text class="plain">plain</text></view>
<scroll-view class="long" style="height: {{height}}px"><text>long</text></scroll-view>
`;

const PAGE = `Page({
  data: { no: 'false', list: 'abc', height: 1200 },
  hear(event) { console.log(event); },
  down(event) { console.log('down ' + event.currentTarget.dataset.who); },
  up(event) { console.log('up ' + event.currentTarget.dataset.who + ' ' + event.target.targetDataset.who); },
  onPageScroll({ scrollTop, scrollHeight }) { this.scrolled = scrollTop > 0 && scrollHeight > 1200; },
  onReachBottom() { console.log('bottom ' + this.scrolled); },
  onTitleClick() { console.log('title'); },
});`;

const FILES = {
  'app.json': '{ "pages": ["pages/a"], "window": { "onReachBottomDistance": 40 } }',
  'app.js': `App({
    onUnhandledRejection({ reason, promise }) { console.log('rejected ' + reason.message + ' ' + typeof promise.then); },
    onLaunch() { Promise.reject(new Error('nobody catches this')); },
  });`,
  'pages/a.axml': AXML,
  'pages/a.js': PAGE,
};

let stage;

before(async () => {
  stage = await Stage.open({ files: FILES });
});

after(() => stage?.close());

const of = async (page, kind) => (await timeline(page)).filter((entry) => entry.kind === kind);

/** Opens the page and returns what it logs for one action. */
async function open() {
  const page = await stage.page();
  const first = page.locator('.phone-page .outer');
  await first.waitFor();
  const heard = async (act, count) => {
    const earlier = (await of(page, 'console')).length;
    await act();
    await page.waitForFunction((wanted) => document.querySelectorAll('li[data-kind="console"]').length >= wanted, earlier + count);
    await page.waitForTimeout(60);
    return (await of(page, 'console')).slice(earlier).map(({ values }) => values[0]);
  };
  return { page, heard, tap: (selector) => page.locator(`.phone-page ${selector}`).click() };
}

test("a tap names the bound and the touched component: the touched one's data-* are in targetDataset", async () => {
  const { heard, tap } = await open();
  const [event] = await heard(() => tap('.deep'), 1);
  const { timeStamp, ...rest } = event;
  assert.ok(Number.isInteger(timeStamp) && Math.abs(Date.now() - timeStamp) < 5000);
  assert.deepEqual(rest, {
    type: 'tap',
    target: { id: 'deep', tagName: 'text', dataset: { who: 'outer' }, targetDataset: { deepPart: '1' } },
    currentTarget: { id: 'outer', tagName: 'view', dataset: { who: 'outer' } },
    mark: { where: 'outer', part: 'inner' },
  });
});

test('a tap is captured downwards, then bubbles up; catch stops either', async () => {
  const { heard, tap } = await open();
  assert.deepEqual(await heard(() => tap('.leaf'), 6), [
    'down first',
    'down second',
    'down leaf',
    'up leaf leaf',
    'up second leaf',
    'up first leaf',
  ]);
  assert.deepEqual(await heard(() => tap('.caught'), 2), ['up caught caught', 'up catching caught']);
  assert.deepEqual(await heard(() => tap('.unheard'), 1), ['down first']);
});

test('event details of input, switch, submit and reset', async () => {
  const { page, heard, tap } = await open();
  const typed = await heard(async () => {
    await page.locator('.phone-page .field input').click();
    await page.keyboard.type('ab');
  }, 3);
  assert.equal(typed[0], 'up around undefined', 'a tap on an input bubbles');
  assert.deepEqual(
    typed.slice(1).map(({ type, detail }) => [type, detail]),
    [
      ['input', { value: 'a', cursor: 1 }],
      ['input', { value: 'ab', cursor: 2 }],
    ],
  );
  const [change] = await heard(() => tap('.on'), 1);
  assert.deepEqual([change.type, change.detail, change.target.tagName], ['change', { value: true }, 'switch']);
  const [submit] = await heard(() => tap('.send'), 1);
  assert.deepEqual([submit.type, submit.detail], ['submit', { value: { on: true }, buttonTarget: { dataset: { which: 'send' } } }]);
  const [reset] = await heard(() => tap('.reset'), 1);
  assert.deepEqual([reset.type, 'detail' in reset], ['reset', false]);
});

test('disabled="false" is disabled, written directly or from data; both are reported with their place', async () => {
  const { page, heard } = await open();
  assert.deepEqual(
    await heard(async () => {
      await page.locator('.phone-page .never').click({ force: true });
      await page.locator('.phone-page .never-either').click({ force: true });
      await page.locator('.phone-page .outer').click();
    }, 1).then((events) => events.map(({ currentTarget }) => currentTarget.id)),
    ['outer'],
  );
  const notices = (await of(page, 'notice')).map(({ file, line, message }) => `${file}:${line} ${message}`);
  assert.deepEqual(notices, [
    'pages/a.axml:16 disabled="false" is a string, so it is true: write disabled="{{...}}"',
    'pages/a.axml:17 disabled is the string "false", so it is true',
    'pages/a.axml:18 a:for needs a list; other values show nothing',
  ]);
  assert.ok(
    stage.log.includes('pages/a.axml:16:23: notice: disabled="false" is a string, so it is true: write disabled="{{...}}"'),
    stage.log.join('\n'),
  );
});

test("a page's classes are its own: the simulator's styles do not apply in pages", async () => {
  const { page } = await open();
  const style = await page.locator('.phone-page .phone').evaluate((element) => {
    const { padding, backgroundColor, position, display } = getComputedStyle(element);
    return { padding, backgroundColor, position, display };
  });
  assert.deepEqual(style, { padding: '0px', backgroundColor: 'rgba(0, 0, 0, 0)', position: 'static', display: 'block' });
  assert.notEqual(await page.locator('.phone-screen').evaluate((element) => getComputedStyle(element).borderRadius), '0px');
});

test('scrolling, the bottom and the title reach the page', async () => {
  const { page, heard } = await open();
  const scroll = (top) => page.locator('.phone-page').evaluate((element, value) => element.scrollTo(0, value), top);
  assert.deepEqual(await heard(() => scroll(5000), 1), ['bottom true']);
  await scroll(0);
  await page.waitForTimeout(100);
  assert.deepEqual(await heard(() => scroll(5000), 1), ['bottom true'], 'again, since it was left');
  assert.deepEqual(await heard(() => page.locator('[data-action="tap-title"]').click(), 1), ['title']);
});

test('an unhandled rejection reaches onUnhandledRejection and is reported', async () => {
  const { page } = await open();
  await page.locator('.phone-error', { hasText: 'nobody catches this' }).waitFor();
  const { values } = (await of(page, 'console'))[0];
  assert.deepEqual(values, ['rejected nobody catches this function']);
});
