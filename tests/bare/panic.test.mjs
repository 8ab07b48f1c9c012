import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { everywhere } from './support/engine.mjs';
import { ORIGIN } from './support/platform.mjs';
import { world } from './support/world.mjs';

const { visit } = world();

/** The length of the list that makes the module panic. */
const FATAL = 12345;

/** Makes the engine report a list larger than the module's address space: the allocation panics. */
const BREAK = `
  var push = Array.prototype.push;
  Array.prototype.push = function (...items) {
    return push.apply(this, items.map((item) => (item === ${FATAL} ? 300000000 : item)));
  };
`;

everywhere('a panic is a named error for every call, and every later call says that the instance is lost', async (profile) => {
  const { auth, platform, engine, user } = await visit(profile);
  const { my } = platform;
  const stored = [];
  my.setStorage = ({ key }) => void stored.push(key);
  await auth.guard();
  await auth.getAuthUserInfo(await platform.authorise(), { purpose: '在本页展示您的昵称与头像' });
  my.getAuthCode = () => {};
  const lost = (error) => {
    assert.deepEqual([error.name, error.code], ['MiniauthError', 'instance_lost']);
    assert.match(String(error.cause), /capacity overflow/);
    assert.ok(error.advice.zh.length > 5 && error.advice.en.length > 5);
    return true;
  };
  const waiting = assert.rejects(auth.login(), lost);
  // The login has started before the module fails.
  await auth.consents();

  // The panic's message is for the developer, on the console.
  const console = mock.method(globalThis.console, 'error', () => {});
  engine.runBesideModule(BREAK);
  const guarded = (data) => new Promise((resolve) => void my.setStorage({ key: 'k', data, success: resolve, fail: resolve }));
  // The guard always searches a list.
  lost(await guarded(new Array(FATAL).fill(user.nick_name)));
  await waiting;
  await assert.rejects(auth.httpRequest({ url: `${ORIGIN}/session` }), lost);
  await assert.rejects(auth.consents(), lost);
  lost(await guarded('nothing of importance'));
  assert.deepEqual(stored, [], 'what cannot be checked any more is not sent');
  assert.ok(console.mock.calls.some(({ arguments: [words] }) => /panicked/.test(words)));
  console.mock.restore();
});
