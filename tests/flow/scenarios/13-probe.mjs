import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { platform } from '../../../platform/index.mjs';
import { probed } from '../support/probe-scenario.mjs';

const { ANSWERS } = createRequire(import.meta.url)('../../../example-miniapp/pages/probe/answers.js');

export const title = '13. The probe for a real phone: finds out what this simulator does, says that it is one, and shows nothing personal';

export const byProfile = true;

export async function run(world) {
  const report = await probed(world);
  assert.equal(report.where.kind, 'simulator');
  assert.deepEqual(report.others, {});
  const expected = Object.keys(ANSWERS).filter((row) => isSettled(row, world));
  assert.deepEqual(report.rows, Object.fromEntries(expected.map((row) => [row, simulated(row, world)])));
  for (const call of ['getAuthCode', 'getOpenUserInfo', 'canIUse']) assert.ok(report.calls.includes(call), call);

  const { user } = world;
  const codes = (await world.platformCalls('getAuthCode')).map(({ result }) => result?.authCode).filter(Boolean);
  assert.ok(codes.length > 1);
  for (const secret of [user.nick_name, user.avatar, user.user_id, user.open_id, ...codes]) {
    assert.ok(!JSON.stringify(report).includes(secret), `the report holds ${secret}`);
  }
}

/** The simulator's behaviour, from the profile or else from the row. */
function simulated(row, world) {
  const { outcomes, probe } = platform.rows.get(row);
  return outcomes ? world.outcome(row) : probe.acts;
}

/** Some answers exist only after a certain other answer. */
function isSettled(row, world) {
  if (row === 'promise-rejects-too') return world.outcome('request-promise') === 'promise';
  if (row === 'on-show-order') return world.outcome('on-show-after-panel') !== 'none';
  return true;
}
