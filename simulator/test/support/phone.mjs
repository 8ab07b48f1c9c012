import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { parseProfile } from '../../../platform/index.mjs';
import { DrivenClock } from '../../../tests/bare/support/clock.mjs';
import { Platform } from '../../../tests/bare/support/platform.mjs';
import { Program } from '../../stack/program.mjs';
import { startEcho } from './echo.mjs';
import { BINARY } from './stage.mjs';

/** Phones without a browser: the platform's decisions with a real sandbox, and a real HTTP server at the app's address. */
export function phones() {
  const world = {};
  before(async () => {
    world.folder = await mkdtemp(path.join(tmpdir(), 'miniauth-phone-'));
    world.sandbox = await new Program([BINARY, 'sandbox', '--listen', '127.0.0.1:0', '--state-dir', world.folder]).listening();
    world.urls = { sandbox: world.sandbox.url };
    world.echo = await startEcho();
    world.urls.server = world.echo.url;
  });
  after(async () => {
    await world.echo?.close();
    await world.sandbox?.stop();
    await rm(world.folder, { recursive: true });
  });
  return {
    echo: () => world.echo,
    /** Creates a new user's phone. */
    async phone(profile = '', apis = 'current') {
      const nobody = new Platform(world.urls, '', apis);
      const user = await nobody.control('users', 'POST', { nick_name: '测试', avatar: 'https://avatars.shop.example/ce.png' });
      const clock = new DrivenClock();
      const phone = new Platform(world.urls, user.id, apis, { profiles: parseProfile(profile), clock });
      phone.neverAnswers = (url) => new URL(url).pathname === '/slow';
      return phone;
    },
  };
}

/** Calls the platform and returns what `success` or `fail` got; handles the promise. */
export function call({ my }, name, options) {
  return new Promise((resolve) => {
    const settle = (outcome) => (value) => resolve([outcome, value]);
    my[name]({ ...options, success: settle('success'), fail: settle('fail') })?.then?.(undefined, () => {});
  });
}
