// Tests the member page with node:test. `node --test`
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { fakeMy, tap } = require('miniauth/testing');
const { openPage } = require('./page.cjs');

const PAGE = require.resolve('../../example-miniapp/pages/member/index.js');

/** Loads a page without any state of the previous one. */
function load(file) {
  for (const name of Object.keys(require.cache)) if (name.includes('example-miniapp')) delete require.cache[name];
  require(file);
}

test('shows nickname and avatar once the user has agreed', async () => {
  const phone = fakeMy({ user: { nickName: '小张' } });
  const page = openPage(PAGE, phone.my, load);
  await page.showDisplay(await phone.authorise());
  assert.equal(page.data.display.nickName, '小张');
  assert.equal(page.data.fault, null);
});

test('says what can be done when the user refuses, and asks again on the next press', async () => {
  const phone = fakeMy({ consents: { userInfo: 'denied' } });
  const page = openPage(PAGE, phone.my, load);
  await page.showDisplay(await phone.authorise());
  assert.equal(page.data.fault.code, 'consent_refused');
  assert.equal(page.data.display, null);
  phone.answers.userInfo = 'accept';
  await page.showDisplay(await phone.authorise());
  assert.equal(page.data.fault, null);
  assert.notEqual(page.data.display, null);
});

test('becomes a member by what the server stored', async () => {
  const phone = fakeMy({ user: { nickName: '小张' } });
  const page = openPage(PAGE, phone.my, load);
  await page.becomeMember(tap());
  assert.equal(page.data.member.nickName, '小张');
  assert.equal(phone.panels, 1);
});

test('goes on after the session has expired', async () => {
  const phone = fakeMy({ member: { nickName: '老李' } });
  const page = openPage(PAGE, phone.my, load);
  await page.readMember();
  phone.server.expire();
  await page.readMember();
  assert.deepEqual([page.data.member.nickName, page.data.fault], ['老李', null]);
});

test('says so when there is no network', async () => {
  const phone = fakeMy({ faults: 'offline' });
  const page = openPage(PAGE, phone.my, load);
  await page.readMember();
  assert.equal(page.data.fault.code, 'network');
});
