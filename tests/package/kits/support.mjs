import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/**
 * Puts these of our own packages beside the packed one, as an app has them.
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

/** What the authorising button sends when the person presses it: what its handlers get, the tap before it aside. */
export async function pressed(phone, scope) {
  const events = await phone.press({ openType: 'getAuthorize', scope });
  return events.find(({ type }) => type !== 'tap');
}

/** Waits until it holds. */
export async function until(holds) {
  const end = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${holds}`);
    await setImmediate();
  }
}
