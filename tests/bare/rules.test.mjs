import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_PROFILES, PROFILES, everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { tap, world } from './support/world.mjs';

const { visit } = world();
const purpose = '在本页展示您的昵称与头像';

/** The values, by the documented way out. */
function values(info) {
  let shown;
  info.renderTo((given) => { shown = given; });
  return shown;
}

for (const profile of PROFILES) {
  for (const apis of ['legacy', 'current']) {
    test(`${profile}, ${apis} calls: display information is shown, and cannot leave`, async () => {
      const { auth, platform, user, engine } = await visit(profile, apis);
      const info = await auth.getAuthUserInfo(tap(), { purpose });
      assert.equal(platform.panels, 1);
      const data = {};
      info.renderTo({ setData: (set) => Object.assign(data, set) }, 'display');
      assert.deepEqual({ ...data.display }, { nickName: user.nick_name, avatar: user.avatar });
      assert.equal(JSON.stringify({ info }), '{"info":"[miniauth: display only]"}');
      assert.equal(`${info}`, '[miniauth: display only]');

      const { nickName, avatar } = values(info);
      const base64 = Buffer.from(nickName).toString('base64');
      const leaks = [
        [{ data: nickName }, 'data', 'plain'],
        [{ data: { order: [{ who: nickName }] } }, 'data.order[0].who', 'plain'],
        [{ data: { text: JSON.stringify({ avatar }) } }, 'data.text', 'plain'],
        [{ data: { text: JSON.stringify(JSON.stringify(nickName)) } }, 'data.text', 'json, json'],
        [{ data: { text: encodeURIComponent(nickName) } }, 'data.text', 'percent'],
        [{ data: { text: base64 } }, 'data.text', 'base64'],
        [{ data: { bytes: new TextEncoder().encode(avatar).buffer } }, 'data.bytes', 'plain'],
        [{ data: { info } }, 'data.info', 'plain'],
        [{ url: `${ORIGIN}/save?n=${encodeURIComponent(nickName)}` }, 'url', 'percent'],
        [{ headers: { 'x-user': encodeURIComponent(avatar) } }, 'headers.x-user', 'percent'],
      ];
      const before = platform.requests.length;
      for (const [options, where, encoding] of leaks) {
        const request = { url: `${ORIGIN}/save`, method: 'POST', session: 'none', ...options };
        await assert.rejects(auth.httpRequest(request), (error) => {
          assert.deepEqual([error.code, error.where, error.encoding], ['display_only_forwarded', where, encoding]);
          assert.ok(!error.message.includes(nickName));
          return true;
        });
      }
      assert.equal(platform.requests.length, before, 'nothing was sent');
      assert.equal(engine.instantiations.length, engine.compiles ? 1 : 0, 'the module starts once');
    });
  }
}

everywhere('with the authorising button the consent is there already: no panel of ours', async (profile) => {
  const { auth, platform, user } = await visit(profile);
  await platform.control('consent', 'POST', { user: user.id, scope: 'auth_user', decision: 'accept' });
  const info = await auth.getAuthUserInfo(tap({ type: 'getAuthorize' }), { purpose });
  assert.equal(values(info).nickName, user.nick_name);
  assert.equal(platform.count('getAuthCode'), 0);
});

everywhere('a refusal is told, and nothing asks again before a new tap', async (profile) => {
  const { auth, platform } = await visit(profile);
  platform.decision = 'refuse';
  const event = tap();
  await assert.rejects(auth.authorize(event, { purpose }), { code: 'consent_refused' });
  await assert.rejects(auth.authorize(event, { purpose }), { code: 'tap_used' });
  assert.equal(platform.panels, 1);
  platform.decision = 'accept';
  assert.ok(await auth.authorize(tap(), { purpose }));
  assert.equal(platform.panels, 2);
});

everywhere('without a tap, with an old tap, with another event or without a purpose there is no panel', async (profile) => {
  const { auth, platform } = await visit(profile);
  const old = tap({ timeStamp: Date.now() - 6000 });
  const attempts = [
    [undefined, purpose, 'tap_required'],
    [{ type: 'load', timeStamp: Date.now() }, purpose, 'tap_required'],
    [old, purpose, 'tap_stale'],
    [tap(), '', 'purpose_required'],
    [tap(), undefined, 'purpose_required'],
  ];
  for (const [event, why, code] of attempts) {
    const options = { purpose: why };
    await assert.rejects(auth.authorize(event, options), { code });
    await assert.rejects(auth.getAuthUserInfo(event, options), { code });
    await assert.rejects(auth.getAuthCode({ scopes: 'auth_user', event, ...options }), { code });
  }
  assert.deepEqual(platform.calls, []);
});

everywhere('one tap proves once, also when bubbling delivers it as two objects', async (profile) => {
  const { auth, platform } = await visit(profile);
  const event = tap();
  const [first, second] = await Promise.allSettled([
    auth.authorize(event, { purpose }),
    auth.authorize({ ...event }, { purpose }),
  ]);
  assert.equal(first.status, 'fulfilled');
  assert.equal(second.reason.code, 'tap_used');
  assert.equal(platform.panels, 1);
});

everywhere('two taps at once share one panel: the same call its outcome, another call a code of its own', async (profile) => {
  const { auth, platform, user } = await visit(profile, 'legacy');
  const [one, two, code] = await Promise.all([
    auth.authorize(tap(), { purpose }),
    auth.authorize(tap(), { purpose }),
    auth.getAuthCode({ scopes: ['auth_user'], event: tap(), purpose }),
  ]);
  assert.equal(one.nick_name, user.nick_name);
  assert.equal(two.nick_name, user.nick_name);
  assert.equal(platform.panels, 1);
  assert.equal(platform.count('getAuthCode'), 2);
  assert.notEqual(code, platform.requests[0].data.authcode);
});

everywhere('what the user typed may equal the nickname where it is declared', async (profile) => {
  const { auth, platform, decisions } = await visit(profile);
  const { nickName } = values(await auth.getAuthUserInfo(tap(), { purpose }));
  const request = { url: `${ORIGIN}/save`, method: 'POST', session: 'none', data: { receiver: nickName } };
  await assert.rejects(auth.httpRequest(request), { code: 'display_only_forwarded' });
  await assert.rejects(auth.httpRequest({ ...request, typed: ['data.receiver'] }), { code: 'http_status' });
  assert.equal(platform.requests.at(-1).data.receiver, nickName);
  assert.equal(decisions.at(-1).where, 'data.receiver');
});

everywhere('one snapshot is checked and sent: getters and later changes do not slip past', async (profile) => {
  const { auth, platform } = await visit(profile);
  const { nickName } = values(await auth.getAuthUserInfo(tap(), { purpose }));
  let reads = 0;
  const data = { get who() { reads += 1; return reads === 1 ? 'nobody' : nickName; }, list: ['nobody'] };
  const sending = auth.httpRequest({ url: `${ORIGIN}/save`, method: 'POST', session: 'none', data });
  data.list[0] = nickName;
  await sending.catch(() => {});
  assert.equal(reads, 1);
  assert.deepEqual({ ...platform.requests.at(-1).data }, { who: 'nobody', list: ['nobody'] });
});

for (const profile of PAGE_PROFILES) {
  test(`${profile}: guard() stands in front of the platform's own calls, and says what it could not cover`, async () => {
    const { auth, platform } = await visit(profile);
    const { my } = platform;
    const stored = [];
    my.setStorageSync = (options) => stored.push(options);
    Object.defineProperty(my, 'uploadFile', { value: () => {}, writable: false });
    const report = await auth.guard();
    assert.deepEqual([...report.covered].sort(), ['httpRequest', 'request', 'setStorageSync']);
    assert.equal(report.uncovered[0].name, 'uploadFile');
    const { nickName } = values(await auth.getAuthUserInfo(tap(), { purpose }));
    const before = platform.requests.length;
    const refused = await new Promise((resolve) => {
      my.request({ url: `${ORIGIN}/save`, data: { nickName }, success: resolve, fail: resolve });
    });
    assert.equal(refused.code, 'display_only_forwarded');
    assert.equal(refused.where, 'request.data.nickName');
    assert.throws(() => my.setStorageSync({ key: 'user', data: { nickName } }), { code: 'display_only_forwarded' });
    assert.deepEqual(stored, []);
    assert.equal(platform.requests.length, before);
    my.setStorageSync({ key: 'cart', data: [1] });
    assert.equal(stored.length, 1);
    assert.equal((await auth.httpRequest({ url: `${ORIGIN}/session` })).status, 200, 'our own requests pass');
  });
}
