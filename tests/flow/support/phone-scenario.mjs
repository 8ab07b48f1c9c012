import assert from 'node:assert/strict';
import { holds, storedFiles } from './stored-bytes.mjs';

/** @param {string} number */
export function masked(number) {
  return `${number.slice(0, 3)}****${number.slice(7)}`;
}

/** Asserts that the member page shows the masked number, and no error. */
export async function showsPhone({ phone, user }) {
  await phone.reads('.phone-number', masked(user.mobile));
  assert.equal(await phone.count('.fault'), 0);
}

/** Asserts that the number is nowhere in clear: not in what the phone sent, nor on the server's disk, nor in its log. */
export async function holdsNoNumber(world) {
  const { mobile: number } = world.user;
  const files = await storedFiles(world.stateDir);
  assert.ok(
    files.some(({ bytes }) => bytes.includes(world.user.user_id)),
    'the search must be able to find what is there',
  );
  for (const { path, bytes } of files) assert.ok(!holds(bytes, number), `${path} holds the number`);
  assert.ok(
    world.serverLog.some((line) => line.includes('/phone')),
    'the server logged the request',
  );
  assert.ok(!holds(Buffer.from(world.serverLog.join('\n')), number), 'the log holds the number');
  const timeline = JSON.stringify(await world.phone.timeline());
  assert.ok(!holds(Buffer.from(timeline), number), 'the page saw the number');
}

/**
 * Another user of the app provides the user's number, on another phone.
 *
 * @param {import('./world.mjs').World} world
 */
export async function anotherHasNumber(world) {
  const { sandbox, stack, user } = world;
  const holder = await sandbox.createUser({ nick_name: '另一位顾客', mobile: user.mobile });
  await sandbox.decide(holder.id, 'phoneNumber', 'accept');
  const post = async (path, body, session) => {
    const headers = { 'content-type': 'application/json', ...(session && { authorization: `Bearer ${session}` }) };
    const answer = await fetch(stack.urls.server + path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const authcode = await sandbox.createAuthCode({ user: holder.id, scopes: ['auth_base'] });
  const { session } = await post('/auth', { authcode });
  const { response } = await sandbox.phoneNumber(holder.id);
  const consent = { purpose: '配送时联系您', at: Date.now() };
  assert.equal((await post('/phone', { response, consent }, session)).confirmed, true);
}
