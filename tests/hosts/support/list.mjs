import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The behaviours' paths, for loading them as page code. */
export const BEHAVIOURS = fileURLToPath(new URL('../behaviours', import.meta.url));

/** Every behaviour, for its name and its expected results. @type {import('../behaviours/index.js').Behaviour[]} */
export const { behaviours } = require('../behaviours/index.js');

export const { nickName, avatar } = require('../behaviours/user.js');

export const RACES = 'https://races.shop.example';

/** A phone number that no other user has. */
export function mobile() {
  return `139${String(Math.random()).slice(2, 10).padEnd(8, '0')}`;
}
