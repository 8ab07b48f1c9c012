import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROFILES, everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { tap, world } from './support/world.mjs';

const { visit } = world();

/** The storage of a phone, which outlives the app. */
function withStorage(my, kept = new Map()) {
  my.getStorageSync = ({ key }) => ({ data: kept.has(key) ? kept.get(key) : null });
  my.setStorageSync = ({ key, data }) => void kept.set(key, data);
  my.removeStorageSync = ({ key }) => void kept.delete(key);
  return kept;
}

/** Has the replies of the first `count` requests arrive `gap` milliseconds apart. */
function stagger(my, name, count, gap) {
  const send = my[name];
  let sent = 0;
  my[name] = (options) => {
    const wait = sent < count ? sent * gap : 0;
    sent += 1;
    const later = (settle) => (answer) => void setTimeout(() => settle(answer), wait);
    return send({ ...options, success: later(options.success), fail: later(options.fail) });
  };
}

/** Ends the client's session behind its back. */
async function endOnServer(auth, platform) {
  await auth.httpRequest({ url: `${ORIGIN}/session` });
  const { authorization } = platform.requests.at(-1).headers;
  await fetch(`${platform.urls.server}/auth`, { method: 'DELETE', headers: { authorization } });
}

for (const profile of PROFILES) {
  for (const [when, gap] of [['at the same instant', 0], ['70 ms apart', 70]]) {
    test(`${profile}: ten requests learn ${when} that their session is over: one login, ten answers`, async () => {
      const { auth, platform } = await visit(profile, 'current');
      await endOnServer(auth, platform);
      stagger(platform.my, 'request', 10, gap);
      const before = platform.count('getAuthCode');
      const requests = Array.from({ length: 10 }, () => auth.httpRequest({ url: `${ORIGIN}/session` }));
      assert.deepEqual((await Promise.all(requests)).map(({ status }) => status), Array(10).fill(200));
      assert.equal(platform.count('getAuthCode') - before, 1);
    });
  }
}

everywhere('when the login fails, all ten requests settle with its reason, and the next login works', async (profile) => {
  const { auth, platform } = await visit(profile);
  await endOnServer(auth, platform);
  stagger(platform.my, 'request', 10, 20);
  const { getAuthCode } = platform.my;
  platform.my.getAuthCode = ({ fail }) => fail({ error: 12, errorMessage: '网络异常' });
  const requests = Array.from({ length: 10 }, () => auth.httpRequest({ url: `${ORIGIN}/session` }));
  const codes = (await Promise.allSettled(requests)).map(({ reason }) => reason?.code);
  assert.deepEqual(codes, Array(10).fill('network'));
  platform.my.getAuthCode = getAuthCode;
  assert.equal((await auth.httpRequest({ url: `${ORIGIN}/session` })).status, 200);
});

everywhere('a session outlives the app, without a login; the member is asked of the server, not kept on the phone', async (profile) => {
  const { auth, platform, user, reopen } = await visit(profile);
  const kept = withStorage(platform.my);
  await auth.authorize(tap(), { purpose: '成为会员' });
  const stored = JSON.stringify([...kept]);
  assert.ok(stored.includes('miniauth-session') && !stored.includes(user.nick_name.slice(0, 4)));
  const again = reopen();
  const before = platform.count('getAuthCode');
  assert.equal((await again.login()).nick_name, user.nick_name);
  assert.equal((await again.httpRequest({ url: `${ORIGIN}/member` })).data.nick_name, user.nick_name);
  assert.equal(platform.count('getAuthCode'), before);
  await again.logout();
  assert.equal(kept.size, 0);
});

everywhere('a half-written session is dropped', async (profile) => {
  const { auth, platform, reopen } = await visit(profile);
  const kept = withStorage(platform.my);
  await auth.login();
  for (const [key, data] of kept) kept.set(key, data.slice(0, -3));
  const before = platform.count('getAuthCode');
  assert.equal(await reopen().login(), null);
  assert.equal(platform.count('getAuthCode') - before, 1);
});

everywhere('a stored session that the server no longer knows costs one silent login', async (profile) => {
  const { auth, platform, reopen } = await visit(profile);
  withStorage(platform.my);
  await endOnServer(auth, platform);
  const before = platform.count('getAuthCode');
  assert.equal(await reopen().login(), null);
  assert.equal(platform.count('getAuthCode') - before, 1);
});

for (const [how, broken] of [
  ['throws', () => { throw new Error('storage is full'); }],
  ['answers with an error object', () => ({ error: 14, errorMessage: '存储失败' })],
]) {
  everywhere(`storage that ${how} costs only the persistence`, async (profile) => {
    const { auth, platform, decisions } = await visit(profile);
    Object.assign(platform.my, { getStorageSync: broken, setStorageSync: broken, removeStorageSync: broken });
    assert.equal(await auth.login(), null);
    assert.equal((await auth.httpRequest({ url: `${ORIGIN}/session` })).status, 200);
    assert.ok(decisions.some(({ operation, outcome }) => operation === 'storage' && outcome === 'failed'));
  });
}
