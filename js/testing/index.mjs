/** `miniauth/testing`: for tests of pages in Node. */

import { createAuth } from '../src/entries/index.js';
import { fakeMy } from './fake-my.mjs';

export { authorizeEvent, phoneEvent, tap } from './events.mjs';
export { fakeMy } from './fake-my.mjs';
export { problem } from './fake-server.mjs';

/**
 * Creates the real client on a fake phone: its rules and errors are the real ones.
 *
 * @type {typeof import('../testing.js').fakeAuth}
 */
export function fakeAuth({ phone, server = 'https://api.shop.example', observe, tapLifetime, panelTimeout, ...options } = {}) {
  const { my } = phone ?? fakeMy(options);
  return createAuth({ my, server, observe, tapLifetime, panelTimeout });
}
