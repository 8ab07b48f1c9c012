import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '../../server/simulator.mjs';
import { Program } from '../../stack/program.mjs';
import { findBinary } from '../../../tests/support/binary.mjs';
import { launchBrowser } from '../../../tests/support/browser.mjs';
import { startEcho } from './echo.mjs';
import { folderOf } from './folder.mjs';

export const FIXTURE = fileURLToPath(new URL('../fixtures/shop', import.meta.url));
export const BINARY = findBinary();

/** How long to wait for an expected text, in milliseconds. */
const PATIENCE = 8000;

/** A real sandbox, a real HTTP server at the app's address, the simulator and a browser. */
export class Stage {
  /**
   * @param {{ appDir?: string, files?: Record<string, string | Buffer>, strict?: boolean }} [options] `files`: an app only for this stage
   */
  static async open({ appDir = FIXTURE, files, strict = true } = {}) {
    const stage = new Stage();
    try {
      if (files) stage.app = await folderOf(files);
      await stage.#start(stage.app?.folder ?? appDir, strict);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async #start(appDir, strict) {
    this.appDir = appDir;
    this.log = [];
    this.folder = await mkdtemp(path.join(tmpdir(), 'miniauth-simulator-'));
    this.sandbox = await new Program([BINARY, 'sandbox', '--listen', '127.0.0.1:0', '--state-dir', this.folder]).listening();
    void this.sandbox.ended.then(({ asked, how }) => !asked && this.log.push(`the sandbox ended (${how})`));
    this.sandboxUrl = this.sandbox.url;
    this.echo = await startEcho();
    this.simulator = await startSimulator({
      appDir,
      strict,
      port: 0,
      sandboxUrl: this.sandboxUrl,
      mapping: { 'https://api.shop.example': this.echo.url },
      onLog: (line) => this.log.push(line),
    });
    this.browser = await launchBrowser();
  }

  /** Opens a page with its own browser profile and test user. */
  async page({ apis = 'current', user, start = {}, profile = '', fault = '' } = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const id = user ?? (await this.control('POST', 'users', { nick_name: '测试', avatar: 'https://avatars.shop.example/ce.png' })).id;
    await page.goto(`${this.simulator.url}/?${new URLSearchParams({ user: id, apis, profile, fault, ...start })}`);
    return page;
  }

  async control(method, name, body) {
    const response = await fetch(`${this.sandboxUrl}/control/${name}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  async close() {
    await this.browser?.close();
    await this.simulator?.close();
    await this.echo?.close();
    await this.sandbox?.stop();
    await rm(this.folder, { recursive: true });
    await this.app?.remove();
  }
}

/** Copies the fixture for tests that change it. */
export async function copyFixture() {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-simulator-app-'));
  await cp(FIXTURE, folder, { recursive: true });
  return folder;
}

/** Waits for the expected text of the front page; the failure shows the actual text. */
export async function reads(page, selector, expected) {
  const locator = page.locator(`.phone-page ${selector}`);
  const deadline = Date.now() + PATIENCE;
  let text;
  while (Date.now() < deadline) {
    text = await locator
      .first()
      .textContent({ timeout: 5000 })
      .catch(() => null);
    if (expected instanceof RegExp ? expected.test(text) : text === expected) return;
    await setTimeout(30);
  }
  throw new Error(`${selector} reads ${JSON.stringify(text)}, not ${expected}`);
}

/** Returns all entries of the timeline, oldest first. */
export async function timeline(page) {
  const texts = await page.locator('li[data-kind]').evaluateAll((items) => items.map((item) => item.dataset.entry));
  return texts.map((text) => JSON.parse(text));
}
