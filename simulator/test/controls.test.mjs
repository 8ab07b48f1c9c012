import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Stage, timeline } from './support/stage.mjs';

let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage.close());

/** Opens the simulator's page and waits until the mini-program runs. */
async function started() {
  const { id: user } = await stage.control('POST', 'users', {});
  const page = await stage.page({ user });
  await page.locator('.phone-page').first().waitFor();
  return { page, user };
}

/** Waits for this many timeline entries of these kinds. */
async function entries(page, kinds, count) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = (await timeline(page)).filter(({ kind }) => kinds.includes(kind));
    if (found.length >= count) return found;
    await setTimeout(50);
  }
  throw new Error(`never ${count} of ${kinds}: ${JSON.stringify(await timeline(page))}`);
}

test('the ids of a user can be chosen per user, and are shown after a reload', async () => {
  const { page, user } = await started();
  const chooser = page.locator('[data-action=ids]');
  const choose = async (ids) => {
    const asked = page.waitForResponse((response) => response.url().endsWith('/__simulator/control/ids'));
    await chooser.selectOption(ids);
    const response = await asked;
    return [response.status(), response.request().postDataJSON()];
  };
  assert.deepEqual(await choose('open_id'), [204, { user, ids: 'open_id' }]);
  await page.reload();
  assert.equal(await chooser.inputValue(), 'open_id');
  assert.deepEqual(await choose(''), [204, { user, ids: null }]);
});

test('a withdrawal is on the timeline with each delivery of its message, or why there is none', async () => {
  const answers = ['later', 'success'];
  const server = http.createServer((_request, response) => response.end(answers.shift())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { page, user } = await started();
    const withdraw = async () => {
      await stage.control('POST', 'consent', { user, scope: 'auth_user', decision: 'accept' });
      await page.click('[data-action=revoke-consent]');
    };
    await withdraw();
    const [revocation, unsent] = await entries(page, ['revocation', 'message'], 2);
    assert.deepEqual([revocation.user, revocation.outcome, unsent.state], [user, 'done', 'no_address']);

    await stage.control('PUT', 'message-address', { address: `http://127.0.0.1:${server.address().port}/` });
    await withdraw();
    const refused = (await entries(page, ['message'], 2))[1];
    assert.deepEqual([refused.status, refused.answer, refused.state], [200, 'later', 'waiting']);
    assert.equal(refused.next - refused.at > 100_000, true, 'two minutes later');
    await stage.control('POST', 'messages/advance', { seconds: 120 });
    const taken = (await entries(page, ['message'], 3))[2];
    assert.deepEqual([taken.answer, taken.state, taken.notify_id], ['success', 'delivered', refused.notify_id]);
  } finally {
    server.close();
  }
});
