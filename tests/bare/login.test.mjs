import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROFILES, everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { tap, world } from './support/world.mjs';

const { visit } = world();
const purpose = '成为会员，用于会员等级与积分';

for (const profile of PROFILES) {
  for (const apis of ['legacy', 'current']) {
    test(`${profile}, ${apis} calls: a request logs in silently, once`, async () => {
      const { auth, platform } = await visit(profile, apis);
      const first = await auth.httpRequest({ url: `${ORIGIN}/session` });
      assert.equal(first.status, 200);
      assert.equal(first.data.scope, 'auth_base');
      await auth.httpRequest({ url: `${ORIGIN}/session` });
      assert.equal(await auth.login(), null);
      assert.deepEqual(platform.calls.map(({ name, scopes, method }) => scopes || `${name} ${method}`), [
        'auth_base',
        ...['POST', 'GET', 'GET'].map((method) => `${apis === 'current' ? 'request' : 'httpRequest'} ${method}`),
      ]);
      assert.equal(platform.panels, 0);
    });

    test(`${profile}, ${apis} calls: a tap makes a member, whose nickname is intact to the byte`, async () => {
      const { auth, platform, user, decisions } = await visit(profile, apis);
      const member = await auth.authorize(tap(), { purpose });
      assert.equal(member.nick_name, user.nick_name);
      assert.equal(member.avatar, user.avatar);
      assert.equal(platform.panels, 1);
      const [post] = platform.requests;
      assert.deepEqual(Object.keys(post.data).sort(), ['authcode', 'consent', 'login_id', 'scope']);
      assert.equal(post.data.consent.purpose, purpose);
      const { data } = await auth.httpRequest({ url: `${ORIGIN}/member` });
      assert.equal(data.nick_name, user.nick_name);
      assert.ok(decisions.some(({ kind, outcome }) => kind === 'consent' && outcome === 'granted'));
      assert.ok(!JSON.stringify(decisions).includes(user.nick_name.slice(0, 4)), 'decisions hold no nickname');
    });
  }
}

everywhere('ten requests at once share one login', async (profile) => {
  const { auth, platform } = await visit(profile);
  const requests = Array.from({ length: 10 }, () => auth.httpRequest({ url: `${ORIGIN}/session` }));
  assert.deepEqual((await Promise.all(requests)).map(({ status }) => status), Array(10).fill(200));
  assert.equal(platform.count('getAuthCode'), 1);
});

everywhere('a session that the server no longer knows is replaced, and the request replayed once', async (profile) => {
  const { auth, platform } = await visit(profile);
  const { headers } = await spentBearer(auth, platform);
  await fetch(`${platform.urls.server}/auth`, { method: 'DELETE', headers });
  const { status } = await auth.httpRequest({ url: `${ORIGIN}/session` });
  assert.equal(status, 200);
  assert.equal(platform.count('getAuthCode'), 2);
});

/** The bearer that the package sends, as the platform sees it. */
async function spentBearer(auth, platform) {
  await auth.httpRequest({ url: `${ORIGIN}/session` });
  return { headers: { authorization: platform.requests.at(-1).headers.authorization } };
}

everywhere('the session goes to the server alone', async (profile) => {
  const { auth, platform } = await visit(profile);
  await auth.login();
  const elsewhere = platform.urls.server;
  await auth.httpRequest({ url: `${elsewhere}/healthz` }).catch(() => {});
  assert.equal(platform.requests.at(-1).headers.authorization, undefined);
});

everywhere('logout ends the session here and on the server', async (profile) => {
  const { auth, platform } = await visit(profile);
  await auth.login();
  const { headers } = await spentBearer(auth, platform);
  await auth.logout();
  const answer = await fetch(`${platform.urls.server}/session`, { headers });
  assert.equal(answer.status, 401);
  const anonymous = auth.httpRequest({ url: `${ORIGIN}/session`, session: 'if-present' });
  await assert.rejects(anonymous, ({ code, response }) => code === 'http_status' && response.status === 401);
});

everywhere('a logout during a login stays a logout, on the server too', async (profile) => {
  const { auth, platform } = await visit(profile);
  const login = auth.login();
  await auth.logout();
  const next = auth.login();
  await assert.rejects(login, { code: 'logged_out' });
  assert.equal(await next, null, 'a login after the logout is a login of its own');
  const { authorization } = platform.requests.find(({ method }) => method === 'DELETE').headers;
  const answer = await fetch(`${platform.urls.server}/session`, { headers: { authorization } });
  assert.equal(answer.status, 401);
});

everywhere('what the server says is what the page is told', async (profile) => {
  const { auth, platform } = await visit(profile);
  await platform.control('fault', 'PUT', { kind: 'wrong_signature', times: 1 });
  await assert.rejects(auth.login(), (error) => {
    assert.equal(error.code, 'gateway_untrusted');
    assert.match(error.advice.zh, /验签/);
    return true;
  });
  assert.equal(await auth.login(), null, 'the next login works');
});

everywhere('a text comes back as it went, with an emoji, NUL and half a surrogate pair, 1 MiB of it', async (profile) => {
  const { auth, platform } = await visit(profile);
  const text = `😀\0\ud800"\\${'字'.repeat(1024 * 1024)}`;
  const { my } = platform;
  let sent;
  my.request = (options) => {
    sent = options.data.text;
    options.success({ status: 200, data: { text: sent }, headers: {} });
  };
  const { data } = await auth.httpRequest({ url: 'https://other.example/', method: 'POST', data: { text } });
  assert.equal(sent, text);
  assert.equal(data.text, text);
});
