import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/**
 * Puts our own packages with these names beside the packed one, as in an app.
 *
 * @param {{ folder: string }} packed
 * @param {string[]} names
 */
export async function putBeside({ folder }, names) {
  for (const name of names) {
    const link = path.join(folder, '..', name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(MODULES, name), link);
  }
}

export const PURPOSES = {
  show: { purpose: '在本页展示您的昵称与头像' },
  join: { purpose: '成为会员，用于会员等级与积分' },
  phone: { purpose: '配送时联系您' },
};

/** The authorising button's event when the person presses it, without the tap before it. */
export async function pressed(phone, scope) {
  const events = await phone.press({ openType: 'getAuthorize', scope });
  return events.find(({ type }) => type !== 'tap');
}

/** Waits until a condition holds. */
export async function until(holds) {
  const end = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${holds}`);
    await setImmediate();
  }
}
