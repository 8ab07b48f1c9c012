// Tests the member page with Vitest 3. `npx vitest run`
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { fakeAuth, fakeMy, tap } from 'miniauth/testing';
import { openPage } from './page.cjs';

const require = createRequire(import.meta.url);
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

test('code that takes a client is given one', async () => {
  const greeting = async (auth) => ((await auth.login()) ?? { nickName: '您' }).nickName;
  expect(await greeting(fakeAuth({ member: { nickName: '老李' } }))).toBe('老李');
  expect(await greeting(fakeAuth())).toBe('您');
});
