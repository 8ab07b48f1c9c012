import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSimulator } from '../server/simulator.mjs';
import { reads, Stage, timeline } from './support/stage.mjs';

const DEV = fileURLToPath(new URL('../dev.mjs', import.meta.url));

const PAGE = `
const calls = {
  code: { name: 'getAuthCode', options: { scopes: 'auth_user' } },
  info: { name: 'getOpenUserInfo' },
  setting: { name: 'getPrivacySetting' },
  slow: { name: 'request', options: { url: 'https://api.shop.example/slow' } },
};
Page({
  data: { asked: Object.keys(calls), result: '', waits: '' },
  ask(event) {
    const { name, options } = calls[event.currentTarget.dataset.name];
    this.setData({ result: '' });
    const told = (outcome) => (value) => this.setData({ result: outcome + ' ' + JSON.stringify(value) });
    my[name](Object.assign({ success: told('success'), fail: told('fail') }, options));
  },
  listen() {
    my.onNeedPrivacyAuthorization((resolve, info) => {
      this.resolve = resolve;
      this.setData({ waits: info.referrer });
    });
  },
  agree() { this.resolve({ event: 'agree' }); },
  disagree() { this.resolve({ event: 'disagree' }); },
  cheat() { this.resolve({ event: 'agree' }); },
  leave() { my.navigateTo({ url: '/pages/b' }); },
});`;

const AXML = `
<button a:for="{{asked}}" a:key="*this" class="{{item}}" data-name="{{item}}" onTap="ask">{{item}}</button>
<button class="listen" onTap="listen">listen</button>
<button class="agree" open-type="agreePrivacyAuthorization" onAgreePrivacyAuthorization="agree">agree</button>
<button class="cheat" onTap="cheat">cheat</button>
<button class="leave" onTap="leave">leave</button>
<text class="result">{{result}}</text><text class="waits">{{waits}}</text>`;

const FILES = {
  'app.json': '{ "pages": ["pages/a", "pages/b"], "usePrivacyCheck": true }',
  'app.js': 'App({});',
  'pages/a.axml': AXML,
  'pages/a.js': PAGE,
  'pages/b.axml': '<text>b</text>',
  'pages/b.js': 'Page({});',
};

let stage;
before(async () => {
  stage = await Stage.open({ files: FILES });
});
after(() => stage?.close());

const press = (page, name) => page.locator(`.phone-page .${name}`).click();
const answer = (page, panel, action) => page.locator(`[data-panel="${panel}"] [data-action="${action}"]`).click();
const strip = (page) => page.locator('[data-profile] code').allTextContents();

test('the page shows the active profiles and that they differ; an unknown one is an error that lists the known ones', async () => {
  const page = await stage.page({ profile: 'close:10,onShow:app+page,ids:both' });
  await page.locator('[data-profile]').waitFor();
  assert.deepEqual(await strip(page), ['close:10', 'onShow:app+page', 'ids:both']);
  assert.equal((await stage.control('GET', 'profiles')).profile, 'ids:both');
  const usual = await stage.page();
  await usual.locator('.phone-page').waitFor();
  assert.deepEqual(await strip(usual), []);
  assert.equal((await stage.control('GET', 'profiles')).profile, '', 'an address without profiles');
  const wrong = await stage.page({ profile: 'close:4' });
  await wrong.locator('.phone-fault', { hasText: /"close:4" is not a profile.*close: 3 \| 10/ }).waitFor();
});

test('a simulator started with a profile uses it if the address names none', async () => {
  const { url, close } = await startSimulator({
    appDir: stage.appDir,
    strict: true,
    port: 0,
    sandboxUrl: stage.sandboxUrl,
    mapping: { 'https://api.shop.example': stage.echo.url },
    profile: 'whitelist:11',
    onLog: () => {},
  });
  const page = await (await stage.browser.newContext()).newPage();
  await page.goto(url);
  await page.locator('[data-profile]').waitFor();
  assert.deepEqual(await strip(page), ['whitelist:11']);
  await page.goto(`${url}/?profile=`);
  await page.locator('.phone-page').waitFor();
  assert.deepEqual(await strip(page), []);
  await close();
});

test('an unknown profile stops the start of the whole stack, and the known ones are listed', async () => {
  const binary = path.join(stage.appDir, 'never-run');
  await assert.rejects(
    promisify(execFile)(process.execPath, [DEV, stage.appDir, '--binary', binary, '--profile', 'close:4', '--port', '18700']),
    {
      stderr: /"close:4" is not a profile.*Known are authorise/,
    },
  );
});

test('usePrivacyCheck of app.json: the official popup before the panel; after disagreeing the call fails, and the next one asks again', async () => {
  const page = await stage.page();
  await press(page, 'setting');
  await reads(page, '.result', /^success \{"needAuthorization":true/);
  await press(page, 'code');
  await answer(page, 'privacy', 'disagree');
  await reads(page, '.result', /^fail \{"error":104/);
  await press(page, 'code');
  await answer(page, 'privacy', 'agree');
  await answer(page, 'consent', 'accept');
  await reads(page, '.result', /^success \{"authCode"/);
  await press(page, 'info');
  await reads(page, '.result', /^success .*40003/);
  const panels = (await timeline(page)).filter(({ kind }) => kind === 'panel').map(({ panel, action }) => `${panel} ${action}`);
  assert.deepEqual(panels, ['privacy disagree', 'privacy agree', 'consent accept'], 'agreed once, for all calls');
});

test("the app's own popup: its button agrees, and page code answers for the waiting call", async () => {
  const page = await stage.page();
  await press(page, 'listen');
  await press(page, 'info');
  await reads(page, '.waits', 'getOpenUserInfo');
  await press(page, 'cheat');
  await page.locator('.phone-error', { hasText: 'without a press of <button open-type="agreePrivacyAuthorization">' }).waitFor();
  await reads(page, '.result', '');
  await press(page, 'agree');
  await reads(page, '.result', /^success .*40003/);
  assert.equal(
    (await timeline(page)).some(({ panel }) => panel === 'privacy'),
    false,
  );
});

test('with privacy:pending, a call without agreement is never answered', async () => {
  const page = await stage.page({ profile: 'privacy:pending' });
  await press(page, 'info');
  await answer(page, 'privacy', 'disagree');
  await page.waitForTimeout(300);
  const [call] = (await timeline(page)).filter(({ name }) => name === 'my.getOpenUserInfo' || name === 'getOpenUserInfo');
  assert.equal(call.outcome, 'pending');
});

test('a request ends with 1 when the page is left; page code that ignores the promise only gets a notice', async () => {
  const page = await stage.page();
  await press(page, 'slow');
  await press(page, 'leave');
  await page.locator('[data-action="navigate-back"]').click();
  await reads(page, '.result', /^fail \{"error":1,/);
  const entries = await timeline(page);
  assert.deepEqual(
    entries.filter(({ kind }) => kind === 'error'),
    [],
  );
  assert.match(
    entries.find(({ kind }) => kind === 'notice').message,
    /my\.request was called with callbacks and failed, and its promise was not handled/,
  );
});

test('phone faults: from the address, and chosen while it runs; an unknown one changes nothing', async () => {
  const page = await stage.page({ fault: 'no-permission:getAuthCode' });
  await press(page, 'code');
  await reads(page, '.result', /^fail \{"error":4,.*"signature":"N22104"/);
  const field = page.locator('[data-action="phone-fault"]');
  await field.fill('no-such');
  await field.press('Enter');
  await page.locator('li[data-kind="error"]', { hasText: 'there is no fault "no-such"' }).waitFor();
  assert.equal(await field.inputValue(), 'no-permission:getAuthCode');
  await field.fill('');
  await field.press('Enter');
  await press(page, 'code');
  await answer(page, 'privacy', 'agree');
  await answer(page, 'consent', 'accept');
  await reads(page, '.result', /^success/);
});
