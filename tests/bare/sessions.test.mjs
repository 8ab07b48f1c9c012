import assert from 'node:assert/strict';
import { everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { tap, world } from './support/world.mjs';

const { visit } = world();

everywhere('a session outlives the app, without a login; the member is asked of the server, not kept on the phone', async (profile) => {
  const { auth, platform, user, reopen } = await visit(profile);
  const kept = platform.texts;
  await auth.authorize(tap(), { purpose: '成为会员' });
  const stored = JSON.stringify([...kept]);
  assert.ok(stored.includes('miniauth-session') && !stored.includes(user.nick_name.slice(0, 4)));
  const again = reopen();
  const before = platform.count('getAuthCode');
  assert.equal((await again.login()).nickName, user.nick_name);
  assert.equal((await again.httpRequest({ url: `${ORIGIN}/member` })).data.nick_name, user.nick_name);
  assert.equal(platform.count('getAuthCode'), before);
  await again.logout();
  assert.equal(kept.size, 0);
});

everywhere('what the server says is what the page is told', async (profile) => {
  const { auth, platform, decisions } = await visit(profile);
  await platform.control('fault', 'PUT', { kind: 'wrong_signature', times: 1 });
  await assert.rejects(auth.login(), (error) => {
    assert.equal(error.code, 'gateway_untrusted');
    assert.match(error.advice.zh, /验签/);
    return true;
  });
  const [refused] = decisions.filter(({ outcome }) => outcome === 'refused');
  assert.deepEqual([refused.kind, refused.operation, refused.code], ['session', 'login', 'gateway_untrusted']);
  assert.equal(await auth.login(), null, 'the next login works');
});
