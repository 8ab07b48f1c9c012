import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';

/** Files and WebSockets in the browser: the person's actions, the timeline, and the bytes sent. */

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage.close());

/** Opens the page of platform calls. */
async function callsPage() {
  const page = await stage.page();
  await page.locator('.phone-page .to-calls').click();
  await page.locator('.phone-page .call').first().waitFor();
  return page;
}

const make = (page, name) => page.locator(`.phone-page .call[id="${name}"]`).click();
const pick = (page, action) => page.locator(`[data-panel="image"] [data-action="${action}"]`);
const result = async (page, pattern) => {
  await reads(page, '.result', pattern);
  return JSON.parse((await page.locator('.phone-page .result').textContent()).replace(/^\S+ \S+ /, ''));
};

test("a picture that the person picks is uploaded: the album's own, a file, or none", async () => {
  const page = await callsPage();
  await make(page, 'upload');
  await pick(page, 'sample').click();
  const sample = await result(page, /^upload success/);
  assert.match(sample.filePath, /\.image$/);
  assert.deepEqual([sample.progress, sample.statusCode, sample.sent.method], [100, 200, 'POST']);
  await make(page, 'upload');
  await pick(page, 'file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('not quite a picture') });
  const { sent } = await result(page, /^upload success .*not quite a picture/);
  assert.match(sent.contentType, /^multipart\/form-data; boundary=/);
  assert.match(sent.body, /name="extra"\r\n\r\n一\r\n/);
  await make(page, 'upload');
  await pick(page, 'back').click();
  await reads(page, '.result', /^upload fail \{"error":11,/);
  const entries = await timeline(page);
  assert.deepEqual(
    entries.filter(({ panel }) => panel === 'image').map(({ action }) => action),
    ['chosen', 'chosen', 'back'],
  );
  const { sent: shown } = entries.filter(({ kind, api }) => kind === 'request' && api === 'uploadFile')[1];
  assert.deepEqual([shown.body.extra, shown.body.photo.size], ['一', 19]);
});

test('an upload can be aborted, and a download is a file', async () => {
  const page = await callsPage();
  await make(page, 'upload-abort');
  await pick(page, 'sample').click();
  await reads(page, '.result', /^upload-abort fail \{"error":9,/);
  await make(page, 'download');
  assert.match((await result(page, /^download success/)).apFilePath, /\.other$/);
});

test('a WebSocket: its messages are on the timeline, with sessions truncated', async () => {
  const page = await callsPage();
  await make(page, 'socket');
  const heard = await result(page, /^socket closed/);
  assert.deepEqual([heard.length, heard[0], JSON.parse(heard[1]).mine, JSON.parse(heard[2]).session.length], [3, 'open', 'yes', 39]);
  const carried = (await timeline(page)).filter(({ kind }) => kind === 'socket');
  assert.deepEqual(
    carried.map(({ event }) => event),
    ['open', 'message', 'sent', 'message', 'sent', 'close'],
  );
  assert.equal(carried[2].data.session, 'a session t…');
  await make(page, 'socket-refused');
  await reads(page, '.result', /^socket-refused error \{"error":1,/);
  assert.equal(
    (await timeline(page)).some((entry) => JSON.stringify(entry).includes('long enough')),
    false,
  );
});
