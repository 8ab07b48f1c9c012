import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '../../../simulator/stack.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { findBinary } from '../../support/binary.mjs';
import { launchBrowser } from '../../support/browser.mjs';
import { BEHAVIOURS, RACES, avatar, nickName } from './list.mjs';
import { Phone } from './phone.mjs';
import { SessionServer } from './session-server.mjs';

const APP = fileURLToPath(new URL('../app', import.meta.url));

/** The stack, the packed package in a mini-program of its own, and a browser. */
export class Stage {
  static async open() {
    const stage = new Stage();
    try {
      await stage.#start();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async #start() {
    this.folder = await mkdtemp(path.join(tmpdir(), 'miniauth-hosts-'));
    this.log = [];
    [this.packed, this.races] = await Promise.all([installPacked(), SessionServer.start()]);
    const appDir = path.join(this.folder, 'app');
    await cp(APP, appDir, { recursive: true });
    await cp(BEHAVIOURS, path.join(appDir, 'behaviours'), { recursive: true });
    // As the package's README says.
    await cp(this.packed.folder, path.join(appDir, 'node_modules', 'miniauth'), { recursive: true });
    await cp(path.join(this.packed.folder, 'dist', 'workers'), path.join(appDir, 'workers'), { recursive: true });
    this.stack = await startStack({
      binary: findBinary(),
      stateDir: path.join(this.folder, 'state'),
      appDir,
      origins: { [RACES]: this.races.url },
      onLog: (source, line) => source === 'simulator' && this.log.push(line),
    });
    this.browser = await launchBrowser();
  }

  /** A new user's phone, with the app in front. @param {'current' | 'legacy'} generation */
  async phone(generation) {
    const response = await fetch(`${this.stack.urls.sandbox}/control/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nick_name: nickName, avatar }),
    });
    const { id } = await response.json();
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const phone = new Phone(await context.newPage(), `${this.stack.urls.simulator}/?user=${id}&apis=${generation}`);
    await phone.restart();
    return phone;
  }

  async close() {
    await this.browser?.close();
    await this.stack?.stop();
    await this.races?.close();
    await this.packed?.remove();
    await rm(this.folder, { recursive: true });
  }
}
