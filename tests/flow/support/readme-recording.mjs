import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** How long frames are shown, in milliseconds: a finger about to tap, and the result. */
const FINGER = 600;
const RESULT = 1300;

/** From Debian's package `webp`. */
const WRITER = 'img2webp';

/** A further run that ends with the README's recording: the example's whole flow, one frame per tap and per result. */
export const name = 'recording';

export const title = 'The recording for the README: refuse, show, join, phone number, order, logout';

export const user = { nick_name: '林夏', gender: 'F', province: '浙江省', city: '杭州市' };

export async function run(world) {
  const { phone } = world;
  const recording = await Recording.start(phone.page);
  const tap = async (selector) => {
    await recording.finger(phone.screen.locator(selector));
    await phone.tap(selector);
  };
  const decide = async (decision) => {
    await phone.consentPanel.waitFor();
    await recording.frame(RESULT);
    await recording.finger(phone.consentPanel.locator(`[data-action="${decision}"]`));
    await phone.decide(decision);
  };
  try {
    await recording.frame(RESULT);
    await phone.openMember();
    await world.step('is asked for the display information, and refuses', async () => {
      await tap('.show-display');
      await decide('refuse');
      await phone.reads('.fault-zh', /您已拒绝授权/);
      await recording.frame(RESULT);
    });
    await world.step('taps again and agrees', async () => {
      await tap('.show-display');
      await decide('accept');
      await phone.reads('.display-name', world.user.nick_name);
      await recording.frame(RESULT);
    });
    await world.step('becomes a member', async () => {
      await tap('.become-member');
      await decide('accept');
      await phone.reads('.member-name', world.user.nick_name);
      await recording.frame(RESULT);
    });
    await world.step('gives the phone number', async () => {
      await tap('.save-phone');
      await decide('accept');
      await phone.reads('.phone-number', /\*{4}/);
      await recording.frame(RESULT);
    });
    await world.step('orders without being asked again', async () => {
      await phone.back();
      await phone.openOrder();
      await tap('.submit');
      await phone.reads('.order-customer', /林夏/);
      await phone.screen.locator('.order-customer').scrollIntoViewIfNeeded();
      await recording.frame(RESULT);
      await phone.back();
    });
    await world.step('logs out', async () => {
      await phone.openMember();
      await tap('.logout');
      await phone.screen.locator('.member-name').waitFor({ state: 'detached' });
      await recording.frame(RESULT);
    });
    world.print(`      ${await recording.write(join(world.output, 'recording.webp'))}`);
  } finally {
    await recording.remove();
  }
}

/** Pictures of a browser's page, each with its duration. */
class Recording {
  #frames = [];

  static async start(page) {
    const recording = new Recording();
    recording.page = page;
    recording.folder = await mkdtemp(join(tmpdir(), 'miniauth-recording-'));
    return recording;
  }

  async frame(milliseconds) {
    const file = join(this.folder, `${this.#frames.length}.png`);
    await this.page.screenshot({ path: file, scale: 'css' });
    this.#frames.push(['-d', String(milliseconds), file]);
  }

  /** A frame with a finger's mark on the element about to be tapped. */
  async finger(locator) {
    await locator.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await locator.boundingBox();
    const mark = await this.page.evaluateHandle(
      ([left, top]) => {
        const dot = document.createElement('div');
        dot.style.cssText = `position: fixed; left: ${left - 16}px; top: ${top - 16}px; width: 32px; height: 32px; border-radius: 50%;
        background: rgb(22 119 255 / 35%); border: 2px solid rgb(22 119 255); z-index: 1000; pointer-events: none`;
        return document.body.appendChild(dot);
      },
      [x + width / 2, y + height / 2],
    );
    await this.frame(FINGER);
    await mark.evaluate((dot) => dot.remove());
  }

  /** @returns {Promise<string>} the recording's path, or why there is none */
  async write(file) {
    try {
      await execute(WRITER, ['-loop', '0', '-lossless', '-min_size', ...this.#frames.flat(), '-o', file]);
      return `recording ${file}`;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      return `no recording: ${WRITER} is not installed (Debian's package webp has it)`;
    }
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }
}
