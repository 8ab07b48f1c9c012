import assert from 'node:assert/strict';
import { join } from 'node:path';
import { outcome } from '../../../platform/index.mjs';
import { Phone } from './phone.mjs';
import { gatewayLine, screenshotLine, timelineLine } from './transcript.mjs';
import { panels, platformCalls, requests } from './timeline.mjs';

/** A scenario's tools: its own test user, the phone, the sandbox, the server, and their records. */
export class World {
  #shots = 0;
  #printed = new Map();
  #sequence;

  /**
   * @param {{ name: string, page: import('playwright-core').Page, user: import('./sandbox-control.mjs').TestUser,
   *   other: import('./sandbox-control.mjs').TestUser, sandbox: import('./sandbox-control.mjs').SandboxControl,
   *   stack: object, stateDir: string, serverLog: string[], profile: import('../../../platform/reader.mjs').Profile,
   *   output: string, firstSequence: number,
   *   print: (line: string) => void }} parts
   */
  constructor(parts) {
    this.name = parts.name;
    this.phone = new Phone(parts.page);
    this.user = parts.user;
    this.other = parts.other;
    this.sandbox = parts.sandbox;
    this.stack = parts.stack;
    this.stateDir = parts.stateDir;
    this.serverLog = parts.serverLog;
    this.profile = parts.profile;
    this.output = parts.output;
    this.print = parts.print;
    this.#sequence = parts.firstSequence;
    this.firstSequence = parts.firstSequence;
  }

  /**
   * Runs one visible step, then records what it caused (transcript) and how it looks (screenshot). A failed step is recorded too.
   *
   * @param {string} title
   * @param {() => Promise<void>} act
   */
  async step(title, act) {
    this.print(`  ${title}`);
    try {
      await act();
    } catch (error) {
      await this.record().catch((second) => this.print(`      not recorded: ${second.message}`));
      throw error;
    }
    await this.record();
  }

  /**
   * Returns how a behaviour of the platform ends under the active profile: all that a scenario may know about it.
   *
   * @param {string} row of platform/behaviours.json
   */
  outcome(row) {
    return outcome(row, this.profile);
  }

  /** Prints what happened since the last record, and takes a screenshot. */
  async record() {
    for (const entry of await this.phone.timeline()) {
      const line = timelineLine(entry);
      // A pending entry is printed again with its outcome.
      if (line && this.#printed.get(entry.id) !== line) this.print(`      ${line}`);
      this.#printed.set(entry.id, line);
    }
    for (const call of await this.sandbox.calls(this.#sequence)) {
      this.#sequence = call.sequence;
      this.print(`      ${gatewayLine(call)}`);
    }
    this.#shots += 1;
    await this.picture(`${this.name}-${this.#shots}.png`);
  }

  /** Takes a screenshot into the output folder, and prints its name. */
  async picture(file) {
    const path = join(this.output, file);
    await this.phone.page.screenshot({ path });
    this.print(`      ${screenshotLine(path)}`);
  }

  /** Returns this scenario's gateway calls for its own user, oldest first: `['alipay.system.oauth.token ok', ...]`. */
  async gatewayCalls() {
    const calls = await this.sandbox.calls(this.firstSequence);
    return calls.map((call) => `${call.method} ${call.outcome}`);
  }

  /** Returns how many consent panels were shown so far. */
  async panelCount() {
    return panels(await this.phone.timeline()).length;
  }

  /** Returns the platform calls of this name so far. */
  async platformCalls(name) {
    return platformCalls(await this.phone.timeline(), name);
  }

  /** Returns the requests with this path so far. */
  async requests(path) {
    return requests(await this.phone.timeline(), path);
  }

  /**
   * Asserts the cost of authorisation so far. All counts are exact: one too many is as wrong as one too few.
   *
   * @param {{ panels: number, codes: number, posts: number, gateway: string[] }} expected
   */
  async cost(expected) {
    assert.deepEqual(
      {
        panels: await this.panelCount(),
        codes: (await this.platformCalls('getAuthCode')).length,
        posts: (await this.requests('/auth')).length,
        gateway: await this.gatewayCalls(),
      },
      expected,
    );
  }
}

/** The gateway's two calls on success. */
export const TOKEN = 'alipay.system.oauth.token ok';
export const MEMBER = 'alipay.user.info.share ok';
