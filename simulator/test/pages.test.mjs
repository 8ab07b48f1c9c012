import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage.close());

const tap = (page, selector) => page.locator(`.phone-page ${selector}`).click();

test('data, loops and conditions are drawn; styles are converted and scoped', async () => {
  const page = await stage.page();
  await reads(page, '.title', '你好，张伟');
  assert.deepEqual(await page.locator('.phone-page .row').allTextContents(), ['1 青瓷many', '2 陶碗one', '3 茶则none']);
  await reads(page, '.missing', '[]');
  const style = (selector, property) =>
    page
      .locator(`.phone-page ${selector}`)
      .first()
      .evaluate((element, name) => getComputedStyle(element)[name], property);
  assert.equal(await style('.title', 'fontSize'), '20px');
  assert.equal(await style('.row', 'borderBottomColor'), 'rgb(1, 2, 3)');
  await tap(page, '.to-detail');
  assert.equal(await style('.avatar', 'width'), '48px');
  assert.deepEqual(stage.log, []);
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => kind === 'error'),
    [],
  );
});

test('events are fresh plain objects, bubble with one time stamp, and can be stopped', async () => {
  const page = await stage.page();
  await tap(page, '.row-name >> nth=1');
  await reads(page, '.picked', '["tap",{"rowId":"b"},{"rowId":"b"},{"part":"name"},true]');
  await tap(page, '.inner');
  await reads(page, '.bubbled', 'inner<inner outer<inner ');
  await tap(page, '.stopper');
  await reads(page, '.bubbled', 'inner<inner outer<inner stopper< ');
});

test('a tap made by a script is rejected', async () => {
  const page = await stage.page();
  await page.locator('.phone-page .change').evaluate((element) => element.click());
  await page.locator('li[data-kind="error"]').waitFor();
  assert.match((await timeline(page)).pop().message, /a tap that no user made was refused/);
  await reads(page, '.title', '你好，张伟');
});

test('setData takes paths; its callback runs once the page shows the change', async () => {
  const page = await stage.page();
  await tap(page, '.change');
  await reads(page, '.title', '你好，李娜');
  await reads(page, '.picked', 'rendered 4');
  assert.equal(await page.locator('.phone-page .row').nth(1).textContent(), '2 木碗one');
});

test('the lifecycle of app and pages, the stack, and the back button', async () => {
  const page = await stage.page();
  const log = () => page.locator('.phone-page .log').allTextContents();
  await reads(page, '.log >> nth=4', 'home onReady');
  assert.deepEqual(await log(), ['app onLaunch pages/home/index', 'app onShow', 'home onLoad {}', 'home onShow', 'home onReady']);
  assert.equal(await page.locator('[data-action="navigate-back"]').count(), 0);
  await tap(page, '.to-detail');
  await reads(page, '.query', '{"id":"7","name":"林"}');
  await reads(page, '.depth', '2');
  assert.equal(await page.locator('.phone-page').getAttribute('data-route'), 'pages/detail/index');
  await tap(page, '.again');
  await reads(page, '.query', '{"id":"8"}');
  await reads(page, '.depth', '2');
  await page.locator('[data-action="navigate-back"]').click();
  await reads(page, '.log >> nth=8', 'home onShow');
  assert.deepEqual((await log()).slice(5), ['home onHide', 'detail onUnload', 'detail onUnload', 'home onShow']);
  await tap(page, '.to-detail');
  await tap(page, '.go-back');
  await reads(page, '.title', '你好，张伟');
});

test('the tab bar: a tab that was left stays loaded', async () => {
  const page = await stage.page();
  await tap(page, '.change');
  await page.locator('.phone-tabs button', { hasText: '控件' }).click();
  await page.locator('.phone-page[data-route="pages/controls/index"]').waitFor();
  await page.locator('.phone-tabs button', { hasText: '首页' }).click();
  await page.locator('.phone-page[data-route="pages/home/index"]').waitFor();
  await reads(page, '.title', '你好，李娜');
  await tap(page, '.to-detail');
  await page.locator('.phone-page[data-route="pages/detail/index"]').waitFor();
  assert.equal(await page.locator('.phone-tabs').count(), 0);
});

test('into the background and back', async () => {
  const page = await stage.page();
  await reads(page, '.title', '你好，张伟');
  await page.locator('[data-action="to-background"]').click();
  await page.locator('.phone-home').waitFor();
  await page.locator('[data-action="to-foreground"]').click();
  await page.locator('.phone-home').waitFor({ state: 'detached' });
  await reads(page, '.log >> nth=8', 'home onShow');
  const log = await page.locator('.phone-page .log').allTextContents();
  assert.deepEqual(log.slice(5), ['home onHide', 'app onHide', 'app onShow', 'home onShow']);
});

test('a start has a page and a query; a missing page is reported', async () => {
  const page = await stage.page({ start: { page: 'pages/detail/index?id=9', query: 'from=a%26b' } });
  await reads(page, '.query', '{"id":"9"}');
  await reads(page, '.started', '{"path":"pages/detail/index","scene":"0000","query":{"from":"a&b"}}');
  const missing = await stage.page({ start: { page: 'pages/gone' } });
  await missing.locator('.phone-missing', { hasText: '页面不存在' }).waitFor();
});

test('form controls', async () => {
  const page = await stage.page();
  await page.locator('.phone-tabs button', { hasText: '控件' }).click();
  const field = page.locator('.phone-page .field input');
  assert.equal(await field.inputValue(), '甲');
  await tap(page, '.label');
  await page.keyboard.press('End');
  await page.keyboard.type('乙丙丁戊己');
  await reads(page, '.said', '甲乙丙丁戊');
  await tap(page, '.wanted-label axml-text');
  await reads(page, '.said', 'switch true');
  await tap(page, '.send');
  await reads(page, '.submitted', 'submit {"name":"甲乙丙丁戊","wanted":true}');
  await tap(page, '.reset');
  await reads(page, '.submitted', 'reset');
  assert.equal(await field.inputValue(), '甲');
  await page.locator('.phone-page .off').click({ force: true });
  await tap(page, '.send');
  await reads(page, '.submitted', 'submit {"name":"甲","wanted":false}');
});

test("images: test users' avatars are drawn, files come from the package, nothing from other hosts", async () => {
  const page = await stage.page();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await tap(page, '.to-detail');
  const drawn = (selector) => page.waitForFunction((name) => document.querySelector(`.phone-page ${name} img`)?.naturalWidth > 0, selector);
  await drawn('.avatar');
  await drawn('.picture');
  assert.equal(await page.locator('.phone-page .avatar').getAttribute('src'), 'https://avatars.shop.example/zhang-wei.png');
  assert.equal(await page.locator('.phone-page .remote').textContent(), 'pictures.example');
  assert.ok(
    asked.every((url) => url.startsWith(stage.simulator.url)),
    asked.join('\n'),
  );
});

test('the page says that it is a simulator', async () => {
  const page = await stage.page();
  assert.match(await page.locator('.host-header').textContent(), /local simulator of a documented subset/);
});
