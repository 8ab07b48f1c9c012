// Tests the member page with Jest. `npx jest`
const { fakeMy, tap } = require('miniauth/testing');
const { openPage } = require('./page.cjs');

const PAGE = require.resolve('../../example-miniapp/pages/member/index.js');

/** Loads a page without any state of the previous one. */
function load(file) {
  jest.resetModules();
  require(file);
}

test('shows nickname and avatar once the user has agreed', async () => {
  const phone = fakeMy({ user: { nickName: '小张' } });
  const page = openPage(PAGE, phone.my, load);
  await page.showDisplay(await phone.authorise());
  expect(page.data.display.nickName).toBe('小张');
});

test('says what can be done when the user refuses', async () => {
  const phone = fakeMy({ consents: { userInfo: 'denied' } });
  const page = openPage(PAGE, phone.my, load);
  await page.showDisplay(await phone.authorise());
  expect(page.data.fault.code).toBe('consent_refused');
});

test('becomes a member by what the server stored', async () => {
  const phone = fakeMy({ user: { nickName: '小张' } });
  const page = openPage(PAGE, phone.my, load);
  await page.becomeMember(tap());
  expect(page.data.member.nickName).toBe('小张');
});
