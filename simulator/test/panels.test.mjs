import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';

/** The panels beside the phone, with an app that uses storage, asks for consent and changes its data. */
const FILES = {
  'app.json': '{ "pages": ["pages/home"] }',
  'app.js': 'App({});',
  'mini.project.json': '{ "include": ["resource/*.txt"] }',
  'resource/a.txt': '包里的文件',
  'resource/a.json': '{}',
  'pages/home.axml': `<view class="count">{{count}}</view>
<button class="more" onTap="more">more</button>
<button class="send" onTap="send">send</button>
<button class="look" onTap="look">look</button>
<text class="stored">{{stored}}</text>
<button class="file" onTap="file">file</button><image class="drawn" src="{{drawn}}" onLoad="drawn" /><view class="size">{{size}}</view><view class="packaged">{{packaged}}</view>`,
  'pages/home.js': `Page({
  data: { count: 0, stored: '', drawn: '', size: 0, packaged: '' },
  drawn({ detail }) {
    this.setData({ size: detail.width });
  },
  more() {
    this.setData({ count: this.data.count + 1 });
    my.setStorageSync({ key: 'count', data: this.data.count });
  },
  look() {
    this.setData({ stored: JSON.stringify(my.getStorageSync({ key: 'count' }).data) });
  },
  file() {
    my.downloadFile({
      url: 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
      success: ({ apFilePath }) => {
        const manager = my.getFileSystemManager();
        const drawn = my.env.USER_DATA_PATH + '/dot.gif';
        this.setData({ stored: JSON.stringify(manager.copyFileSync(apFilePath, drawn)), drawn });
        this.setData({ packaged: ['/resource/a.txt', 'resource/a.json'].map((name) => manager.readFileSync(name, 'utf8').data).join() });
        manager.stat({ path: drawn, success: ({ stats }) => this.setData({ count: stats.isFile() ? stats.size : 0 }) });
      },
    });
  },
  send() {
    my.request({ url: 'https://api.shop.example/orders', method: 'POST', data: { item: '青瓷' }, headers: { 'content-type': 'application/json' }, complete() {} });
  },
});`,
};

const AXE = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

let stage;
before(async () => {
  stage = await Stage.open({ files: FILES });
});
after(() => stage.close());

const tab = (page, name) => page.locator(`[data-tab="${name}"]`);

test('storage is shown as it is written, and can be edited and cleared while the mini-program runs', async () => {
  const page = await stage.page();
  await tab(page, 'storage').click();
  await page.locator('.more').click();
  const row = page.locator('[data-key="count"]');
  await row.locator('td', { hasText: /^1$/ }).waitFor();
  await row.locator('[data-action="storage-edit"]').click();
  const value = page.locator('[data-storage-form] textarea');
  await value.fill('forty');
  await page.locator('[data-action="storage-save"]').click();
  await page.locator('[data-storage-form] [role="alert"]', { hasText: 'not valid JSON' }).waitFor();
  await value.fill('40');
  await page.locator('[data-action="storage-save"]').click();
  await row.locator('td', { hasText: /^40$/ }).waitFor();
  await page.locator('.look').click();
  await reads(page, '.stored', '40');
  await page.locator('[data-action="storage-clear"]').click();
  await row.waitFor({ state: 'detached' });
  await page.locator('.look').click();
  await reads(page, '.stored', 'null');
});

test('host and file manager read what the other has written, and the panel lists both', async () => {
  const page = await stage.page();
  await tab(page, 'storage').click();
  await page.locator('.file').click();
  await reads(page, '.stored', '{"success":true}');
  await reads(page, '.count', '42');
  await page.locator('[data-path="https://usr/dot.gif"] td', { hasText: '42 B' }).waitFor();
  await page.locator('[data-path^="https://resource/"]').waitFor();
  await reads(page, '.size', '1');
  await reads(page, '.packaged', '包里的文件,');
  const [{ fields, result }] = (await timeline(page)).filter(({ name }) => name === 'FileSystemManager.copyFileSync');
  assert.deepEqual([fields.destPath, result], ['https://usr/dot.gif', { success: true }]);
});

test('page data shows the front page, live', async () => {
  const page = await stage.page();
  await tab(page, 'page-data').click();
  const count = page.locator('[data-side="page-data"] .json-leaf', { hasText: /^count/ });
  await count.filter({ hasText: /^count0$/ }).waitFor();
  await page.locator('.more').click();
  await count.filter({ hasText: /^count1$/ }).waitFor();
});

test('network lists the addresses, and each request with its bodies', async () => {
  const page = await stage.page();
  await tab(page, 'network').click();
  await page.locator('[data-address="https://api.shop.example"]', { hasText: stage.echo.url }).waitFor();
  await page.locator('.send').click();
  const exchange = page.locator('[data-exchange="request"]');
  await exchange.locator('> details > summary').click();
  const text = await exchange.textContent();
  assert.match(text, /POST \/orders.*200/s);
  assert.match(text, /request body.*item"青瓷".*response body.*method"POST"/s);
  await page.locator('[data-side="network"] input').fill('nowhere');
  await exchange.waitFor({ state: 'detached' });
});

test('consents can be granted and withdrawn; a chosen profile takes effect', async () => {
  const page = await stage.page();
  await tab(page, 'consents').click();
  const consent = page.locator('[data-consent="userInfo"]');
  await consent.locator('[data-action="consent-grant"]').click();
  await consent.locator('td', { hasText: 'granted' }).locator('.side-good').waitFor();
  await consent.locator('[data-action="consent-withdraw"]').click();
  await consent.locator('[data-action="consent-grant"]').waitFor();
  await page.locator('#profile-close').selectOption({ index: 1 });
  await page.locator('[data-profile] code', { hasText: 'close:' }).waitFor();
  await page.locator('[data-profile-row="close"].differs').waitFor();
  await page.locator('[data-action="profiles-reset"]').click();
  await page.locator('[data-profile]').waitFor({ state: 'detached' });
});

test('members says if there is no miniauth server', async () => {
  const page = await stage.page();
  await tab(page, 'members').click();
  await page.locator('[data-side="members"]', { hasText: "miniauth's server is not running" }).waitFor();
});

test('the timeline can be searched, in its display and its fields', async () => {
  const page = await stage.page();
  await page.locator('.more').click();
  await page.locator('.send').click();
  const entries = page.locator('li[data-kind]:visible');
  await page.locator('li[data-kind="request"]').waitFor();
  await page.locator('[data-timeline-search]').fill('setStorage count');
  await page.waitForFunction(() => [...document.querySelectorAll('li[data-kind]')].filter((item) => item.offsetParent).length === 1);
  assert.match(await entries.textContent(), /my\.setStorageSync/);
  await page.locator('[data-timeline-search]').fill('青瓷');
  await page.waitForFunction(() => [...document.querySelectorAll('li[data-kind="request"]')].some((item) => item.offsetParent));
});

for (const width of [1280, 1920]) {
  test(`at ${width} pixels every panel is reachable from the keyboard, and axe finds nothing`, async () => {
    const page = await stage.page();
    await page.setViewportSize({ width, height: 900 });
    await page.locator('.more').click();
    await page.locator('.send').click();
    await page.locator('li[data-kind="request"]').waitFor({ state: 'attached' });
    await page.evaluate(AXE);
    await tab(page, 'network').focus();
    await page.keyboard.press('Home');
    const seen = [];
    for (;;) {
      const name = await page.locator('[role="tab"][aria-selected="true"]:focus').getAttribute('data-tab');
      if (seen.includes(name)) break;
      seen.push(name);
      // First everything around the mini-program, then what each of the other panels changes.
      const part = seen.length === 1 ? { exclude: [['.phone-view']] } : { include: [['.side-panels']] };
      const { violations } = await page.evaluate((context) => globalThis.axe.run(context), part);
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))]),
        [],
        name,
      );
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the window`);
      await page.keyboard.press('ArrowRight');
    }
    const panels = ['network', 'page-data', 'storage', 'consents', 'members'];
    assert.deepEqual(seen, width === 1920 ? panels : ['timeline', ...panels]);
  });
}
