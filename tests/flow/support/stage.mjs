import { randomInt, randomUUID } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProfile, parseProfile } from '../../../platform/index.mjs';
import { startStack } from '../../../simulator/stack.mjs';
import { launchBrowser } from '../../support/browser.mjs';
import { freePorts } from '../../support/ports.mjs';
import { PRODUCTS, SandboxControl } from './sandbox-control.mjs';
import { World } from './world.mjs';

const VIEWPORT = { width: 1280, height: 900 };

/**
 * The stack (sandbox, server, simulator) and the browser that the scenarios share.
 *
 * @typedef {{ stack: import('../../../simulator/stack.mjs').Stack, sandbox: SandboxControl, stateDir: string, serverLog: string[] }} Scene
 */
export class Stage {
  #options;
  #browser;
  /** @type {Scene} */
  #scene;

  /**
   * @param {{ binary: string, appDir: string, workDir: string, output: string }} options
   *   `output` is the folder for the screenshots; `workDir` a folder of its own for keys, databases and copies of the app
   * @returns {Promise<Stage>}
   */
  static async open(options) {
    const stage = new Stage();
    stage.#options = options;
    await mkdir(options.output, { recursive: true });
    stage.#browser = await launchBrowser();
    try {
      stage.#scene = await stage.#start('example');
    } catch (error) {
      await stage.#browser.close();
      throw error;
    }
    return stage;
  }

  /**
   * @param {string} name of a folder of its own
   * @param {(appDir: string) => Promise<void>} [change] changes the copy of the app
   * @returns {Promise<Scene>}
   */
  async #start(name, change) {
    const { binary, appDir, workDir } = this.#options;
    // A copy, with the package as it is now: work on the sources does not reload the phone during a scenario.
    const copy = join(workDir, name, 'app');
    await cp(appDir, copy, { recursive: true, dereference: true });
    await change?.(copy);
    const stateDir = join(workDir, name, 'state');
    const serverLog = [];
    const stack = await startStack({
      strict: true,
      binary,
      stateDir,
      appDir: copy,
      // Scenarios stop the server and restart it there.
      ports: { server: await freePorts() },
      // Even a more verbose server log must contain no personal data.
      env: { MINIAUTH_LOG: 'debug' },
      onLog: (source, line) => source === 'server' && serverLog.push(line),
    });
    return { stack, sandbox: new SandboxControl(stack.urls.sandbox), stateDir, serverLog };
  }

  /**
   * Runs one scenario with its own test user, browser profile and page, and leaves no faults behind.
   *
   * @param {import('./scenarios.mjs').Scenario} scenario
   * @param {(line: string) => void} print takes the transcript's lines
   * @param {string} [profile] of the platform, `name:value,name:value`
   */
  async perform(scenario, print, profile = '') {
    const own = scenario.app && (await this.#start(scenario.name, scenario.app));
    try {
      await this.#performIn(own ?? this.#scene, scenario, print, profile);
    } finally {
      await own?.stack.stop();
    }
  }

  async #performIn({ stack, sandbox, stateDir, serverLog }, scenario, print, profile) {
    // The scenario's own profile takes precedence.
    const about = (scenario.profile ?? '').split(',').filter(Boolean);
    const others = profile.split(',').filter((part) => !about.some((own) => own.split(':')[0] === part.split(':')[0]));
    const inForce = parseProfile([...about, ...others].join(','));
    await sandbox.setProfiles(formatProfile(inForce, 'sandbox'));
    const fields = freshUser(scenario.user);
    const user = { ...fields, ...(await sandbox.createUser(fields)) };
    const other = await sandbox.createUser(freshUser());
    const calls = await sandbox.calls();
    const context = await this.#browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1.5 });
    const world = new World({
      name: scenario.name,
      page: await context.newPage(),
      user,
      other,
      sandbox,
      stack,
      stateDir,
      serverLog,
      profile: inForce,
      output: this.#options.output,
      firstSequence: calls.length === 0 ? 0 : calls[calls.length - 1].sequence,
      print,
    });
    try {
      print(profile === '' ? scenario.title : `${scenario.title} (${profile})`);
      const query = new URLSearchParams({
        user: user.id,
        apis: scenario.apis ?? 'current',
        profile: formatProfile(inForce, 'simulator'),
      });
      await world.phone.open(`${stack.urls.simulator}/?${query}`, scenario.home);
      await scenario.run(world);
      print('  as it must be');
    } finally {
      await world.phone.putAway();
      await context.close();
      await sandbox.clearFault();
      for (const product of PRODUCTS) await sandbox.setProductInForce(true, product);
      await stack.startServer();
    }
  }

  /** Aborts a scenario: it fails at its next step. */
  closeBrowser() {
    return this.#browser.close();
  }

  async close() {
    await this.#browser.close();
    await this.#scene.stack.stop();
  }
}

/** Creates a test user whose nickname, avatar and phone number are unique, so they can be searched for. */
function freshUser(fields = {}) {
  const mark = randomUUID().slice(0, 8);
  return {
    nick_name: `林夏${mark}`,
    avatar: `https://avatars.shop.example/${mark}/林.png`,
    mobile: `139${String(randomInt(1e8)).padStart(8, '0')}`,
    ...fields,
  };
}
