import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { copyFixture, reads, Stage, timeline } from './support/stage.mjs';

let folder;
let stage;
before(async () => {
  folder = await copyFixture();
  stage = await Stage.open({ appDir: folder });
});
after(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

async function replace(file, old, replacement) {
  const text = await readFile(path.join(folder, file), 'utf8');
  assert.ok(text.includes(old));
  await writeFile(path.join(folder, file), text.replace(old, replacement));
}

test('changing a page, its code or its style reloads it', async () => {
  const page = await stage.page();
  await reads(page, '.title', '你好，张伟');
  await replace('pages/home/index.axml', '{{greeting}}', '{{greeting}}呀');
  await reads(page, '.title', '你好呀，张伟');
  await replace('pages/home/index.js', '你好', '您好');
  await reads(page, '.title', '您好呀，张伟');
  await replace('app.acss', '40rpx', '50rpx');
  await page.waitForFunction(() => {
    const title = document.querySelector('.phone-page .title');
    return title && getComputedStyle(title).fontSize === '25px';
  });
});

test('a fault is shown with file and line, not as a blank page; mending it brings the page back', async () => {
  const page = await stage.page();
  await reads(page, '.title', /张伟/);
  await replace('pages/home/index.axml', '<text class="missing">', '<camera/>\n<text class="missing">');
  const fault = page.locator('.phone-fault');
  await fault.waitFor();
  assert.match(await fault.textContent(), /pages\/home\/index\.axml:10:3.*<camera> is known to the platform, but not in this simulator's subset/s);
  const entry = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.deepEqual([entry.file, entry.line], ['pages/home/index.axml', 10]);
  assert.ok(
    stage.log.some((line) => line.startsWith('pages/home/index.axml:10:3: <camera>')),
    stage.log.join('\n'),
  );
  await replace('pages/home/index.axml', '<camera/>\n', '');
  await reads(page, '.title', /张伟/);
});

test('a page without Page(), or without a method that its AXML names, is an error at start', async () => {
  const page = await stage.page();
  await reads(page, '.title', /张伟/);
  await writeFile(path.join(folder, 'pages/detail/index.js'), 'Page({ again() {} });');
  const error = page.locator('li[data-kind="error"]', { hasText: 'goBack' });
  await error.waitFor();
  const entry = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.deepEqual([entry.file, entry.line], ['pages/detail/index.axml', 8]);
  await writeFile(path.join(folder, 'pages/detail/index.js'), 'exports.nothing = 1;');
  await page.locator('li[data-kind="error"]', { hasText: 'never calls Page()' }).waitFor();
  await reads(page, '.title', /张伟/);
});

test('an unknown test user is said, not a blank page', async () => {
  const page = await stage.page({ user: 'nobody' });
  await page.locator('.phone-fault', { hasText: 'the sandbox has no user "nobody"' }).waitFor();
});
