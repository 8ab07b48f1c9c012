import assert from 'node:assert/strict';
import { MEMBER, TOKEN } from '../support/world.mjs';

export const title = '9. Code used twice: the same session for the same login_id, 409 code_used for any other post';

export async function run(world) {
  const { phone, sandbox, user } = world;
  // Page code cannot post one code twice through the library, so here the server is driven directly.
  await world.step('the same code posted again by a program, with its login_id, with another, and with none', async () => {
    const code = await sandbox.createAuthCode({ user: user.id, scopes: ['auth_base'] });
    const first = await post(world, { authcode: code, login_id: 'login-of-this-scenario-1' });
    assert.equal(first.status, 200);
    const repeated = await post(world, { authcode: code, login_id: 'login-of-this-scenario-1' });
    assert.equal(repeated.status, 200);
    assert.equal(repeated.body.session, first.body.session, 'the same session again');
    for (const other of [{ login_id: 'login-of-this-scenario-2' }, {}]) {
      const { status, body } = await post(world, { authcode: code, ...other });
      assert.equal(status, 409);
      assert.equal(body.code, 'code_used');
      assert.equal(body.reauthorize, true);
      assert.equal(body.session, undefined);
      assert.match(body.advice.zh, /授权码已被使用，请重新操作一次/);
    }
    assert.deepEqual(await world.gatewayCalls(), [TOKEN], 'one code, one exchange');
  });
  await world.step('the answer to a login is lost: the library repeats the post with its login_id', async () => {
    const before = (await world.gatewayCalls()).length;
    await phone.openOrder();
    await phone.loseNextAnswer();
    await phone.tap('.submit');
    await phone.reads('.order-customer', /已登录的顾客/);
    assert.equal((await world.requests('/auth')).length, 2, 'posted twice');
    assert.equal((await world.gatewayCalls()).length, before + 1, 'exchanged once');
    await phone.back();
  });
  await world.step("somebody else posts the page's code first", async () => {
    await phone.openMember();
    await phone.onNextAuthCode(async (code) => {
      assert.equal((await post(world, { authcode: code, login_id: 'login-of-somebody-else' })).status, 200);
    });
    await phone.tap('.become-member');
    await phone.decide('accept');
    await phone.advises(/授权码已被使用，请重新操作一次/);
    assert.equal(await phone.count('.member-name'), 0);
  });
  await world.step('the next tap works', async () => {
    await phone.tap('.become-member');
    await phone.reads('.member-name', user.nick_name);
    assert.deepEqual((await world.gatewayCalls()).slice(-2), [TOKEN, MEMBER]);
  });
}

async function post(world, body) {
  const response = await fetch(new URL('/auth', world.stack.urls.server), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
