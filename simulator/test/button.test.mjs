import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Stage, timeline } from './support/stage.mjs';

const AXML = `
<button class="full" data-who="full" open-type="getAuthorize" scope="userInfo"
  onTap="hear" onGetAuthorize="hear" onGetUserInfo="hear" onError="hear">full</button>
<button class="no-scope" open-type="getAuthorize" onTap="hear" onGetAuthorize="hear" onError="hear">no scope</button>
<button class="wrong-scope" open-type="getAuthorize" scope="{{scope}}" onGetAuthorize="hear" onError="hear">wrong scope</button>
<button class="deaf" open-type="getAuthorize" scope="userInfo" onTap="hear">deaf</button>
<button class="misspelt" open-type="getAuthorize" scope="userInfo" onTap="hear" onGetAuthorize="haer" onError="hear">misspelt</button>
<button class="disabled" disabled open-type="getAuthorize" scope="userInfo" onTap="hear" onGetAuthorize="hear" onError="hear">disabled</button>
<button class="agree" open-type="agreePrivacyAuthorization" onTap="hear" onAgreePrivacyAuthorization="hear">agree</button>
<button class="marker" onTap="hear">marker</button>`;

const PAGE = `Page({
  data: { scope: 'userinfo' },
  onShow() { console.log('onShow'); },
  hear({ type, detail, target, currentTarget, timeStamp }) {
    console.log(type + (detail ? ' ' + JSON.stringify(detail) : ''));
    console.log([target.tagName, target.dataset.who === currentTarget.dataset.who, Math.abs(Date.now() - timeStamp) < 10000].join());
  },
});`;

const FILES = {
  'app.json': '{ "pages": ["pages/a"] }',
  'app.js': `App({ onShow() { console.log('app onShow'); }, onHide() { console.log('app onHide'); } });`,
  'pages/a.axml': AXML,
  'pages/a.js': PAGE,
};

let stage;

before(async () => {
  stage = await Stage.open({ files: FILES });
});

after(() => stage?.close());

/** Opens a page for a new person and returns what it logs for one press. */
async function open(options) {
  const page = await stage.page(options);
  await page.locator('.phone-page .full').waitFor();
  const said = async () => (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values[0]);
  const hears = async (count) => {
    const deadline = Date.now() + 5000;
    while ((await said()).length < count && Date.now() < deadline) await page.waitForTimeout(20);
  };
  // The page is drawn before the app's and the page's onShow run.
  await hears(2);
  const press = async (name, count, decision) => {
    const earlier = (await said()).length;
    await page.locator(`.phone-page .${name}`).click();
    if (decision) await page.locator(`[data-panel="consent"] [data-action="${decision}"]`).click();
    await hears(earlier + count);
    // By now anything unwanted would have arrived.
    await page.waitForTimeout(150);
    const lines = (await said()).slice(earlier);
    const facts = lines.filter((line) => line.startsWith('button,'));
    assert.deepEqual(
      facts,
      facts.map(() => 'button,true,true'),
      'the button itself, at the time of the event',
    );
    return lines.filter((line) => !line.startsWith('button,'));
  };
  const notices = async () => (await timeline(page)).filter(({ kind }) => kind === 'notice').map(({ message }) => message);
  return { page, press, hears, notices };
}

const REFUSED = /^error \{"type":"getAuthorize","errorMessage":"[^"]+"\}$/;

test('a press: the tap, then the panel, then the events of the result; a refusal loses none', async () => {
  const { press } = await open();
  const refused = await press('full', 5, 'refuse');
  assert.deepEqual([refused[0], refused[1]], ['tap', 'onShow']);
  assert.match(refused[2], REFUSED);
  assert.equal(refused.length, 3);
  const agreed = await press('full', 7, 'accept');
  assert.deepEqual(agreed, [
    'tap',
    'onShow',
    'getAuthorize',
    'getUserInfo {"userInfo":{"avatar":"https://avatars.shop.example/ce.png","nickName":"测试"}}',
  ]);
  const again = await press('full', 6);
  assert.deepEqual(
    again,
    agreed.filter((line) => line !== 'onShow'),
    'no panel where consent holds',
  );
});

test('the profiles decide whose onShow is called when the panel closes, and when', async () => {
  const late = await open({ profile: 'onShow:app+page,onShow-when:after' });
  const [tap, error, ...shown] = await late.press('full', 6, 'refuse');
  assert.equal(tap, 'tap');
  assert.match(error, REFUSED);
  assert.deepEqual(shown, ['app onShow', 'onShow']);
  const none = await open({ profile: 'onShow:none' });
  assert.deepEqual(
    (await none.press('full', 4, 'refuse')).map((line) => line.split(' ')[0]),
    ['tap', 'error'],
  );
});

test('the home key closes the panel: nobody agreed', async () => {
  const { page, press, hears } = await open();
  const lines = await press('full', 2);
  assert.deepEqual(lines, ['tap']);
  await page.locator('[data-panel="consent"]').waitFor();
  await page.locator('[data-action="to-background"]').click();
  await page.locator('[data-panel="consent"]').waitFor({ state: 'detached' });
  await page.locator('[data-action="to-foreground"]').click();
  // Four entries of the start and the press; app onHide, app onShow, onShow, and the error with its facts.
  await hears(4 + 5);
  assert.deepEqual(await press('marker', 2), ['tap']);
  const console = (await timeline(page)).filter(({ kind }) => kind === 'console').map(({ values }) => values[0]);
  const since = console.filter((line) => !line.startsWith('button,')).slice(3);
  assert.deepEqual(
    since.filter((line) => /^(app )?on/.test(line)),
    ['app onHide', 'app onShow', 'onShow'],
  );
  assert.equal(since.filter((line) => REFUSED.test(line)).length, 1);
});

test("with a missing or wrong scope, the press fails with the platform's words and without a panel", async () => {
  const { page, press } = await open();
  const words = 'error {"type":"getAuthorize","errorMessage":"请输入合法的scope"}';
  assert.deepEqual(await press('no-scope', 4), ['tap', words]);
  assert.deepEqual(await press('wrong-scope', 2), [words]);
  const presses = (await timeline(page)).filter(({ name }) => name === '<button open-type="getAuthorize">');
  assert.deepEqual(
    presses.map(({ outcome, result }) => [outcome, result.errorMessage]),
    [
      ['fail', '请输入合法的scope'],
      ['fail', '请输入合法的scope'],
    ],
  );
});

test('a button without handlers is reported; so is one with a misspelt handler', async () => {
  const { page, press, notices } = await open();
  assert.deepEqual(await press('deaf', 3, 'refuse'), ['tap', 'onShow']);
  assert.match((await notices()).pop(), /nothing on the page handles this button's error: /);
  assert.deepEqual(await press('misspelt', 3, 'accept'), ['tap', 'onShow']);
  const errors = (await timeline(page)).filter(({ kind }) => kind === 'error').map(({ line, message }) => `${line} ${message}`);
  assert.deepEqual(errors, [
    '7 TypeError: onGetAuthorize="haer": the page has no such method',
    '7 TypeError: the page has no method "haer"',
  ]);
});

test('a disabled button does nothing', async () => {
  const { page, press } = await open();
  await page.locator('.phone-page .disabled').click({ force: true });
  assert.deepEqual(await press('marker', 2), ['tap']);
});

test('the button that agrees to the privacy contract', async () => {
  const { press } = await open();
  assert.deepEqual(await press('agree', 4), ['tap', 'agreePrivacyAuthorization']);
});
