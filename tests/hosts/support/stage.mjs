import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '../../../simulator/stack.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { findBinary } from '../../support/binary.mjs';
import { launchBrowser } from '../../support/browser.mjs';
import { BEHAVIOURS, RACES, avatar, mobile, nickName } from './list.mjs';
import { Phone } from './phone.mjs';
import { setGateway } from './profiles.mjs';
import { SessionServer } from './session-server.mjs';

const APP = fileURLToPath(new URL('../app', import.meta.url));

/** The stack, the packed package in its own mini-program, and a browser. */
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
    // As in the package's README.
    await cp(this.packed.folder, path.join(appDir, 'node_modules', 'miniauth'), { recursive: true });
    await cp(path.join(this.packed.folder, 'dist', 'workers'), path.join(appDir, 'workers'), { recursive: true });
    this.stack = await startStack({
      strict: true,
      binary: findBinary(),
      stateDir: path.join(this.folder, 'state'),
      appDir,
      origins: { [RACES]: this.races.url },
      // All phones share one address.
      env: { MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000' },
      onLog: (source, line) => source === 'simulator' && this.log.push(line),
    });
    this.browser = await launchBrowser();
  }

  /**
   * Pages whose user has finished. The simulator stores everything per user, so they can be used again; a new page costs as much
   * as a whole visit.
   */
  #idle = [];

  /** Takes back a phone after a successful visit. */
  async handBack({ page }) {
    // The simulator's own settings are stored per tab.
    await page.evaluate(() => sessionStorage.clear());
    this.#idle.push(page);
  }

  /** Resets the gateway with its part of the profile. Its new users have the names of earlier ones, whom the old pages still remember. */
  async startAfresh(inForce) {
    await setGateway(this.stack.urls, inForce);
    await Promise.all(this.#idle.splice(0).map((page) => page.close()));
  }

  /**
   * A new user's phone, with the app in front.
   *
   * @param {'current' | 'legacy'} generation
   * @param {string} profile `name:value,name:value`
   */
  async phone(generation, profile) {
    const { id } = await this.#control('POST', 'users', { nick_name: nickName, avatar, mobile: mobile() });
    const page = this.#idle.pop() ?? (await this.browser.newPage({ viewport: { width: 1280, height: 900 } }));
    const query = new URLSearchParams({ user: id, apis: generation, profile });
    const phone = new Phone(page, `${this.stack.urls.simulator}/?${query}`, async ({ withdraw, product, inForce }) => {
      if (withdraw) await this.#control('DELETE', `consent?user=${id}&scope=${withdraw}`);
      if (product) await this.#control('PUT', 'product', { product, in_force: inForce });
    });
    await phone.restart();
    return phone;
  }

  async #control(method, address, body) {
    const response = await fetch(`${this.stack.urls.sandbox}/control/${address}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${method} ${address}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async close() {
    await this.browser?.close();
    await this.stack?.stop();
    await this.races?.close();
    await this.packed?.remove();
    await rm(this.folder, { recursive: true });
  }
}
