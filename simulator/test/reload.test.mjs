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

/** How soon a change must be on the screen, in milliseconds, on an otherwise idle machine. */
const SOON = process.env.MINIAUTH_LONG ? 1000 : Infinity;

async function changeIsSoon(t, work) {
  const started = performance.now();
  await work();
  const milliseconds = Math.round(performance.now() - started);
  t.diagnostic(`visible after ${milliseconds} ms`);
  assert.ok(milliseconds < SOON, `${milliseconds} ms`);
}

test('changing a page, its style or its code keeps the open pages and their data, and is soon on the screen', async (t) => {
  const page = await stage.page();
  const title = page.locator('.phone-view[data-view="pages/home/index"] .title');
  await reads(page, '.title', '你好，张伟');
  await page.locator('.change').click();
  await page.locator('.to-detail').click();
  await reads(page, '.query', /林/);
  await changeIsSoon(t, async () => {
    await replace('pages/detail/index.axml', '{{query}}', '{{query}}！');
    await page.locator('.phone-page .query', { hasText: '！' }).waitFor();
  });
  await changeIsSoon(t, async () => {
    await replace('app.acss', '40rpx', '50rpx');
    await page.waitForFunction(() => getComputedStyle(document.querySelector('.title')).fontSize === '25px');
  });
  assert.equal(await page.locator('.phone-view').count(), 2);
  await replace('pages/home/index.js', "greeting: '你好'", "greeting: '您好'");
  await title.filter({ hasText: '您好，李娜' }).waitFor({ state: 'attached' });
  await reads(page, '.query', /林.*！/);
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => kind === 'rebuild').map(({ does }) => does),
    ['views', 'style', 'logic'],
  );
  await page.locator('[data-action="navigate-back"]').click();
  await reads(page, '.title', '您好，李娜');
  await page.locator('.row').first().click();
  await reads(page, '.picked', /tap/);
});

test('a change that affects the whole mini-program restarts it, and that is reported', async () => {
  const page = await stage.page();
  await reads(page, '.title', /张伟/);
  await page.locator('.to-detail').click();
  await reads(page, '.query', /林/);
  await replace('app.js', 'App({', 'App({ changed: true,');
  await reads(page, '.title', /张伟/);
  const { does, because } = (await timeline(page)).find(({ kind }) => kind === 'rebuild');
  assert.deepEqual([does, because], ['reload', 'app.js']);
});

test('an error of page code shows its own lines', async () => {
  const page = await stage.page();
  await reads(page, '.title', /张伟/);
  await replace('pages/home/index.js', '  change() {\n', "  change() {\n    throw new Error('broken on purpose');\n");
  await page.locator('li[data-kind="rebuild"]').waitFor();
  await page.locator('.change').click();
  const code = page.locator('li[data-kind="error"] .entry-code');
  await code.waitFor();
  assert.match(await code.locator('.meant').textContent(), /^\d+ *throw new Error\('broken on purpose'\);\s*$/);
  assert.match(await code.textContent(), /change\(\) \{/);
  const entry = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.equal(entry.code.find(({ isMeant }) => isMeant).line, entry.line);
  await replace('pages/home/index.js', "    throw new Error('broken on purpose');\n", '');
});

test('a fault is shown with file and line, not as a blank page; fixing it brings the page back', async () => {
  const page = await stage.page();
  await reads(page, '.title', /张伟/);
  await replace('pages/home/index.axml', '<text class="missing">', '<carousel/>\n<text class="missing">');
  const fault = page.locator('.phone-fault');
  await fault.waitFor();
  assert.match(await fault.textContent(), /pages\/home\/index\.axml:10:3.*<carousel> is not in this simulator's subset/s);
  const entry = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.deepEqual([entry.file, entry.line], ['pages/home/index.axml', 10]);
  assert.ok(
    stage.log.some((line) => line.startsWith('pages/home/index.axml:10:3: <carousel>')),
    stage.log.join('\n'),
  );
  await replace('pages/home/index.axml', '<carousel/>\n', '');
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

test('an unknown test user is reported, not a blank page', async () => {
  const page = await stage.page({ user: 'nobody' });
  await page.locator('.phone-fault', { hasText: 'the sandbox has no user "nobody"' }).waitFor();
});
