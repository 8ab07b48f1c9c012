import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bareEngine } from '../../bare/support/engine.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { FINGERS, NO_TAPS } from './events.mjs';
import { SERVER, platform } from './support/platform.mjs';
import { HOSTS } from './support/throwing.mjs';

const purpose = '成为会员';
let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

/** The timestamp of the last touch; no two touches share one. */
let touched = Date.now();
const touch = () => {
  touched = Math.max(touched + 1, Date.now());
  return touched;
};

const isOurs = (error) => error.name === 'MiniauthError' && error.code !== 'instance_lost' && error.message.length > 5;

for (const [host, { globals, entry }] of Object.entries(HOSTS)) {
  const start = () => {
    const engine = bareEngine(globals, packed.folder);
    const { createAuth } = engine.require(`dist/${entry}`);
    return (my) => createAuth({ my, server: SERVER, ...engine.options });
  };

  test(`${host}: one finger, one panel, by whichever framework and in whichever call`, async () => {
    const open = start();
    const calls = [
      (auth, event) => auth.authorize(event, { purpose }),
      (auth, event) => auth.getAuthCode({ scopes: ['auth_user'], event, purpose }),
    ];
    for (const [name, finger] of Object.entries(FINGERS)) {
      for (const [first, second] of [
        [0, 0],
        [0, 1],
        [1, 0],
      ]) {
        const my = Object.assign(platform(), { refuses: true });
        const [one, two] = [open(my), open(my)];
        const [event, ...others] = finger(touch());
        await assert.rejects(calls[first](one, event), { code: 'consent_refused' }, name);
        for (const other of others) {
          await assert.rejects(calls[second](two, other), { code: 'tap_used' }, name);
          await assert.rejects(calls[second](one, other), { code: 'tap_used' }, name);
        }
        assert.equal(my.panels, 1, name);
        const [next] = finger(touch());
        await assert.rejects(calls[second](two, next), { code: 'consent_refused' }, `${name}: the next finger`);
        assert.equal(my.panels, 2, name);
      }
    }
  });

  test(`${host}: what is no tap opens no panel, and throws nothing of its own`, async () => {
    const open = start();
    for (const [name, make] of Object.entries(NO_TAPS)) {
      const my = platform();
      const auth = open(my);
      await assert.rejects(auth.authorize(make(touch()), { purpose }), isOurs, name);
      await assert.rejects(auth.getAuthCode({ scopes: 'auth_user', event: make(touch()), purpose }), isOurs, name);
      assert.equal(my.panels, 0, name);
    }
  });

  test(`${host}: taps at once, by two clients, share one panel`, async () => {
    const open = start();
    for (const refuses of [false, true]) {
      const my = Object.assign(platform(), { refuses });
      const all = [open(my), open(my), open(my)].map((auth) => auth.authorize({ type: 'tap', timeStamp: touch() }, { purpose }));
      const outcomes = await Promise.allSettled(all);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        Array(3).fill(refuses ? 'rejected' : 'fulfilled'),
      );
      assert.equal(my.panels, 1);
    }
  });
}

test('a copy of the package accepts no tap that another copy has used', async () => {
  const context = bareEngine('iOS', packed.folder);
  const [one, two] = ['wasm.js', 'plain.js'].map((entry) => context.require(`dist/${entry}`).createAuth);
  const my = Object.assign(platform(), { refuses: true });
  for (const [first, second] of [
    [one, two],
    [two, one],
  ]) {
    const event = { type: 'tap', timeStamp: touch() };
    await assert.rejects(first({ my, server: SERVER }).authorize(event, { purpose }), { code: 'consent_refused' });
    await assert.rejects(second({ my, server: SERVER }).authorize(event, { purpose }), { code: 'tap_used' });
  }
  assert.equal(my.panels, 2);
});
