import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { reads, Stage, timeline } from './support/stage.mjs';

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage.close());

/** Opens the page of platform calls. */
async function callsPage(options) {
  const page = await stage.page(options);
  await page.locator('.phone-page .to-calls').click();
  await page.locator('.phone-page .call').first().waitFor();
  return page;
}

const make = (page, name) => page.locator(`.phone-page .call[id="${name}"]`).click();
const decide = (page, action) => page.locator(`[data-panel="consent"] [data-action="${action}"]`).click();
const panels = async (page) =>
  (await timeline(page)).filter(({ kind, panel }) => kind === 'panel' && panel === 'consent').map(({ action }) => action);

test('getAuthCode: auth_base is silent, auth_user asks once; refusing and going back have their numbers', async () => {
  const page = await callsPage();
  await make(page, 'auth-base');
  await reads(page, '.result', /^auth-base success \{"authCode":"[^"]+","authSuccessScopes":\["auth_base"\],"authErrorScopes":\{\}\}$/);
  await make(page, 'auth-wrong');
  await reads(page, '.result', /^auth-wrong fail \{"error":3,/);
  assert.deepEqual(await panels(page), []);
  await make(page, 'auth-user');
  await decide(page, 'refuse');
  await reads(page, '.result', /^auth-user fail \{"error":11,/);
  await make(page, 'auth-user');
  await decide(page, 'back');
  await reads(page, '.result', /^auth-user fail \{"error":3,/);
  await make(page, 'auth-user');
  await decide(page, 'accept');
  await reads(page, '.result', /^auth-user success .*"authSuccessScopes":\["auth_user"\]/);
  await make(page, 'auth-user');
  await reads(page, '.result', /^auth-user success/);
  assert.deepEqual(await panels(page), ['refuse', 'back', 'accept']);
});

test('onShow follows when a panel closes', async () => {
  const page = await callsPage();
  await reads(page, '.shows', '1');
  await make(page, 'auth-user');
  await decide(page, 'refuse');
  await reads(page, '.shows', '2');
});

test("a script's click on a consent panel does not count", async () => {
  const page = await callsPage();
  await make(page, 'auth-user');
  await page.locator('[data-action="accept"]').evaluate((element) => element.click());
  await page.locator('li[data-kind="error"]').waitFor();
  assert.equal(await page.locator('[data-panel="consent"]').count(), 1);
});

test('getAuthUserInfo works only after auth_user, and never asks', async () => {
  const page = await callsPage({ apis: 'legacy' });
  await make(page, 'auth-user-info');
  await reads(page, '.result', /^auth-user-info fail \{"error":10,/);
  await make(page, 'auth-user');
  await decide(page, 'accept');
  await reads(page, '.result', /^auth-user success/);
  await make(page, 'auth-user-info');
  await reads(page, '.result', 'auth-user-info success {"nickName":"测试","avatar":"https://avatars.shop.example/ce.png"}');
  assert.deepEqual(await panels(page), ['accept']);
});

const authorize = (page) => page.locator('.phone-page .authorize').click();

test('getOpenUserInfo never asks: 40003 until the person agreed through the button, then JSON in JSON', async () => {
  const page = await callsPage();
  await make(page, 'open-user-info');
  await reads(page, '.result', /^open-user-info success \{"code":"40003"/);
  assert.deepEqual(await panels(page), []);
  await make(page, 'auth-user');
  await decide(page, 'accept');
  await reads(page, '.result', /^auth-user success/);
  await make(page, 'open-user-info');
  await reads(page, '.result', /^open-user-info success \{"code":"40003"/);
  await authorize(page);
  await decide(page, 'accept');
  await reads(
    page,
    '.events',
    'tap getAuthorize:undefined getUserInfo:{"userInfo":{"avatar":"https://avatars.shop.example/ce.png","nickName":"测试"}}',
  );
  await make(page, 'open-user-info');
  await reads(page, '.result', /^open-user-info success \{"code":"10000",.*"nickName":"测试"/);
  await stage.control('PUT', 'product', { product: '获取会员基础信息', in_force: false });
  try {
    await make(page, 'open-user-info');
    await reads(page, '.result', /^open-user-info success \{"code":"40006"/);
  } finally {
    await stage.control('PUT', 'product', { product: '获取会员基础信息', in_force: true });
  }
});

test('the authorising button: its tap first, then the result; no panel with an existing consent', async () => {
  const page = await callsPage();
  const press = async (action, events) => {
    await page.locator('.phone-page .clear').click();
    await authorize(page);
    if (action) await decide(page, action);
    await reads(page, '.events', events);
  };
  await press('refuse', 'tap error:{"type":"getAuthorize","errorMessage":"用户取消授权"}');
  await press('back', 'tap error:{"type":"getAuthorize","errorMessage":"未找到授权结果"}');
  await page.waitForTimeout(2500);
  await press('accept', /^tap getAuthorize:undefined getUserInfo/);
  await reads(page, '.fresh', 'true');
  await press(null, /^tap getAuthorize:undefined getUserInfo/);
  assert.deepEqual(await panels(page), ['refuse', 'back', 'accept']);
});

test('getSetting returns the decisions; in openSetting the person can change them', async () => {
  const page = await callsPage();
  await make(page, 'get-setting');
  await reads(page, '.result', 'get-setting success {"authSetting":{}}');
  await authorize(page);
  await decide(page, 'refuse');
  await make(page, 'get-setting');
  await reads(page, '.result', 'get-setting success {"authSetting":{"userInfo":false}}');
  await make(page, 'open-setting');
  await page.locator('[data-panel="settings"] [data-kind="userInfo"]').check();
  await page.locator('[data-panel="settings"] [data-action="close"]').click();
  await reads(page, '.result', 'open-setting success {"authSetting":{"userInfo":true}}');
  await make(page, 'open-user-info');
  await reads(page, '.result', /^open-user-info success \{"code":"10000"/);
});

test('httpRequest and request: encoding, answers, and how each treats the status', async () => {
  const page = await callsPage();
  const answers = async (name, expected) => {
    await make(page, name);
    await reads(page, '.result', expected);
  };
  await answers('http-get', /^http-get success .*"url":"\/get\?a=%E4%B8%80&b=%7B%22c%22%3A1%7D".*"status":200/);
  await answers('http-get', /"x-echo":"Yes"(?!.*set-cookie)/);
  await answers('http-form', /"contentType":"application\/x-www-form-urlencoded".*"body":"a=%E4%B8%80"/);
  await answers('request-json', /"contentType":"application\/json".*"mine":"yes".*"body":"\{\\"a\\":\\"一\\"\}"/);
  await answers('http-404', /^http-404 fail \{"error":19,"errorMessage":"http status error","status":404,"data":\{"method":"GET"/);
  await answers('request-404', /^request-404 success .*"status":404,"statusCode":404,"headers":\{.*"header":\{/);
  await answers('request-not-json', /^request-not-json fail \{"error":14,"errorMessage":"JSON parse data error","status":200,"data":"字"/);
  await answers('request-text', /^request-text success .*"data":"字"/);
  await answers('request-base64', /^request-base64 success .*"data":"5a2X"/);
});

test('requests that the platform blocks or that fail on the way', async () => {
  const page = await callsPage();
  const asked = stage.echo.seen.length;
  const fails = async (name, error) => {
    await make(page, name);
    await reads(page, '.result', new RegExp(`^${name} fail \\{"error":${error},`));
  };
  await fails('request-elsewhere', 11);
  await fails('request-plain-http', 20);
  await fails('request-version', 2);
  assert.equal(stage.echo.seen.length, asked);
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => kind === 'request'),
    [],
    'what the platform stops is no request',
  );
  await fails('request-timeout', 14);
  await reads(page, '.result', /"status":13,"data":"请求超时异常"/);
  await fails('request-timeout-text', 13);
  await fails('request-abort', 9);
  assert.deepEqual(
    (await timeline(page)).filter(({ kind }) => kind === 'request').map(({ outcome }) => outcome),
    ['fail', 'fail', 'aborted'],
  );
});

test('alert and toast', async () => {
  const page = await callsPage();
  await make(page, 'alert');
  const alert = page.locator('[data-panel="alert"]');
  assert.match(await alert.textContent(), /标题\s*内容\s*知道了/);
  await alert.locator('[data-action="close"]').click();
  await reads(page, '.result', 'alert success {}');
  await make(page, 'alert-twice');
  for (const content of ['其一', '其二']) {
    await alert.filter({ hasText: content }).waitFor();
    assert.equal(await alert.count(), 1);
    await alert.locator('[data-action="close"]').click();
  }
  await reads(page, '.result', 'alert-twice success {}');
  await make(page, 'toast');
  assert.match(await page.locator('[data-panel="toast"]').textContent(), /好了/);
  await reads(page, '.result', 'toast success {}');
  assert.equal(await page.locator('[data-panel="toast"]').count(), 0);
});

test('storage answers synchronously and survives a restart of the mini-program', async () => {
  const page = await callsPage();
  await make(page, 'storage');
  await reads(page, '.result', 'storage kept [{"b":[1,"二"]},null]');
  await make(page, 'storage-count');
  await reads(page, '.result', 'storage-count count 1');
  await page.reload();
  await page.locator('.phone-page .to-calls').click();
  await make(page, 'storage-count');
  await reads(page, '.result', 'storage-count count 2');
  await make(page, 'storage-too-large');
  await reads(
    page,
    '.result',
    'storage-too-large fail [{"success":false,"error":14,"errorMessage":"data长度超限"},{"error":14,"errorMessage":"data长度超限"}]',
  );
});

test('canIUse distinguishes the generations', async () => {
  const current = await callsPage();
  await make(current, 'can-i-use');
  await reads(current, '.result', 'can-i-use can [true,true,false,true,true,false,true,false,true,true]');
  const legacy = await callsPage({ apis: 'legacy' });
  await make(legacy, 'can-i-use');
  await reads(legacy, '.result', 'can-i-use can [false,false,false,true,false,false,false,false,true,true]');
  await make(legacy, 'request-json');
  await legacy.locator('.phone-error').waitFor();
});

test('impossible navigation fails', async () => {
  const page = await callsPage();
  await make(page, 'navigation');
  await reads(page, '.result', /^navigation fail \{"error":1,"errorMessage":"\/pages\/nowhere resolved to pages\/nowhere is not found"/);
  await make(page, 'not-a-tab');
  await reads(page, '.result', /^not-a-tab fail \{"error":1,.* is not tab/);
});

test('an unknown call is an error with file and line: on the page, on the timeline, in the terminal', async () => {
  const page = await callsPage();
  await make(page, 'aliased-unknown');
  await page.locator('.phone-error code').waitFor();
  assert.match(await page.locator('.phone-error').textContent(), /pages\/calls\/calls\.js:\d+:\d+.*reportAnalytics/s);
  const error = (await timeline(page)).find(({ kind }) => kind === 'error');
  assert.equal(error.file, 'pages/calls/calls.js');
  assert.ok(Number.isInteger(error.line));
  assert.ok(
    stage.log.some((line) => /^pages\/calls\/calls\.js:\d+:\d+: TypeError: .*reportAnalytics/.test(line)),
    stage.log.join('\n'),
  );
  await make(page, 'rejects');
  await page.locator('.phone-error', { hasText: 'nobody catches this' }).waitFor();
});

test("the library's decisions and other console lines", async () => {
  const page = await callsPage();
  await make(page, 'decision');
  await reads(page, '.result', 'decision logged true');
  const entries = await timeline(page);
  assert.deepEqual(entries.find(({ kind }) => kind === 'decision').decision, {
    kind: 'authorize',
    operation: 'login',
    outcome: 'refused',
    reason: 'no_tap',
  });
  assert.deepEqual(entries.find(({ kind }) => kind === 'console').values, ['plain', 'redacted']);
});

test('an entry opens to its JSON; hiding a kind loses nothing', async () => {
  const page = await callsPage();
  await make(page, 'auth-base');
  await reads(page, '.result', /^auth-base success/);
  const entry = page.locator('li[data-kind="platform-call"]', { hasText: 'getAuthCode' });
  await entry.locator('summary').first().click();
  assert.match(await entry.locator('.json').textContent(), /authSuccessScopes/);
  await page.locator('[data-filter="platform-call"]').click();
  assert.equal(await entry.isVisible(), false);
  assert.equal(await entry.count(), 1);
});
