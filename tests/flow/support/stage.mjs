import { randomUUID } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startStack } from '../../../simulator/stack.mjs';
import { launchBrowser } from '../../support/browser.mjs';
import { SandboxControl } from './sandbox-control.mjs';
import { World } from './world.mjs';

const VIEWPORT = { width: 1280, height: 900 };

/** The stack (sandbox, server, simulator) and the browser that the scenarios share, one scenario after the other. */
export class Stage {
  #stack;
  #browser;
  #sandbox;
  #serverLog = [];
  #output;
  #stateDir;

  /**
   * @param {{ binary: string, appDir: string, workDir: string, output: string }} options
   *   `output` is the folder for the screenshots; `workDir` a folder of its own for keys, database and a copy of the app
   * @returns {Promise<Stage>}
   */
  static async open(options) {
    const stage = new Stage();
    await mkdir(options.output, { recursive: true });
    stage.#output = options.output;
    stage.#stateDir = join(options.workDir, 'state');
    // A copy, with the package as it is now: who goes on working meanwhile does not reload the phone under a scenario.
    const appDir = join(options.workDir, 'app');
    await cp(options.appDir, appDir, { recursive: true, dereference: true });
    stage.#browser = await launchBrowser();
    try {
      stage.#stack = await startStack({
        binary: options.binary,
        stateDir: stage.#stateDir,
        appDir,
        ports: { simulator: 0, server: 0, sandbox: 0 },
        // What a server says when it is asked to say more must not hold personal data either.
        env: { MINIAUTH_LOG: 'debug' },
        onLog: (source, line) => stage.#keepLog(source, line),
      });
    } catch (error) {
      await stage.#browser.close();
      throw error;
    }
    stage.#sandbox = new SandboxControl(stage.#stack.urls.sandbox);
    return stage;
  }

  #keepLog(source, line) {
    if (source === 'server') this.#serverLog.push(line);
  }

  /**
   * Runs one scenario with a test user, a browser profile and a page of its own, and leaves no fault behind.
   *
   * @param {import('./scenarios.mjs').Scenario} scenario
   * @param {(line: string) => void} print takes the transcript's lines
   */
  async perform(scenario, print) {
    const user = await this.#sandbox.createUser(freshUser(scenario.user));
    const other = await this.#sandbox.createUser(freshUser());
    const calls = await this.#sandbox.calls();
    const context = await this.#browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1.5 });
    const world = new World({
      name: scenario.name,
      page: await context.newPage(),
      user,
      other,
      sandbox: this.#sandbox,
      stack: this.#stack,
      stateDir: this.#stateDir,
      serverLog: this.#serverLog,
      output: this.#output,
      firstSequence: calls.length === 0 ? 0 : calls[calls.length - 1].sequence,
      print,
    });
    try {
      print(scenario.title);
      await world.phone.open(`${this.#stack.urls.simulator}/?user=${user.id}&apis=${scenario.apis ?? 'current'}`);
      await scenario.run(world);
      print('  as it must be');
    } finally {
      await context.close();
      await this.#sandbox.clearFault();
      await this.#sandbox.setProductInForce(true);
      await this.#stack.startServer();
    }
  }

  /** Ends what a scenario is doing: it fails at its next step. */
  closeBrowser() {
    return this.#browser.close();
  }

  async close() {
    await this.#browser.close();
    await this.#stack.stop();
  }
}

/** A test user whose nickname and avatar occur nowhere else, so that they can be searched for. */
function freshUser(fields = {}) {
  const mark = randomUUID().slice(0, 8);
  return { nick_name: `林夏${mark}`, avatar: `https://avatars.shop.example/${mark}/林.png`, ...fields };
}
