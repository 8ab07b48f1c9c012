import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStack } from '../../../simulator/stack.mjs';
import { avatar, nickName } from '../../hosts/support/list.mjs';
import { findBinary } from '../../support/binary.mjs';
import { bareEngine } from './engine.mjs';
import { installPacked } from './packed.mjs';
import { ORIGIN, Platform } from './platform.mjs';

const APP = fileURLToPath(new URL('../../../example-miniapp', import.meta.url));

/**
 * One sandbox, one server and one installed package for a file's tests.
 *
 * @param {NodeJS.ProcessEnv} [env] added to the environment of sandbox and server
 * @returns {{ visit: (profile: string, apis?: 'legacy' | 'current') => Promise<any>, packed: () => any }}
 */
export function world(env = {}) {
  let stack;
  let packed;
  let stateDir;
  before(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'miniauth-bare-'));
    [packed, stack] = await Promise.all([installPacked(), startStack({ binary: findBinary(), stateDir, appDir: APP, strict: true, env })]);
  });
  after(async () => {
    await stack?.stop();
    await packed?.remove();
    if (stateDir) await rm(stateDir, { recursive: true });
  });
  return {
    packed: () => packed,
    stack: () => stack,
    /** A fresh user opens the app in a fresh engine. */
    async visit(profile, apis = 'current') {
      const engine = bareEngine(profile, packed.folder);
      const user = await createUser(stack.urls, { nick_name: nickName, avatar, mobile: '13812345678' });
      const platform = new Platform(stack.urls, user.id, apis);
      const decisions = [];
      const observe = (decision) => decisions.push(decision);
      /** Starts the app: its code is loaded again. */
      const reopen = (fresh) => {
        const started = fresh ?? bareEngine(profile, packed.folder);
        if (!fresh) platform.start();
        return started.require().createAuth({ my: platform.my, server: ORIGIN, observe, ...started.options });
      };
      return { engine, platform, user, auth: reopen(engine), reopen, decisions };
    },
  };
}

/** Creates a test user in the sandbox. */
export function createUser(urls, fields) {
  return new Platform(urls, '', 'current').control('users', 'POST', fields);
}

let lastTap = 0;

/** Creates a tap event as the platform delivers it. Time stamps are unique, because nobody taps twice in one millisecond. */
export function tap(fields = {}) {
  lastTap = Math.max(Date.now(), lastTap + 1);
  return { type: 'tap', timeStamp: lastTap, target: {}, detail: {}, ...fields };
}
