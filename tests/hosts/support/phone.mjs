import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a behaviour may take, and how often to check whether the person has to act, in milliseconds. */
const PATIENCE = 30_000;
const INTERVAL = 20;

/** One person with a phone in Chromium, who taps and answers panels when the page asks for it. */
export class Phone {
  /**
   * @param {import('playwright-core').Page} page
   * @param {string} address
   * @param {(change: object) => Promise<void>} onChange makes a change on the platform's servers
   */
  constructor(page, address, onChange) {
    this.page = page;
    this.address = address;
    this.onChange = onChange;
  }

  /** Starts the app, on this phone. */
  async restart() {
    await this.page.goto(this.address);
    const faults = this.page.locator('.phone-faults');
    await this.#on('.order').or(faults).first().waitFor();
    if ((await faults.count()) > 0) throw new Error(await faults.innerText());
  }

  /** Runs a behaviour on the page, and acts as the person meanwhile. */
  async show(host, name, phase, outcomes) {
    await this.#on('.order input').fill(JSON.stringify({ host, name, phase, outcomes }));
    const deadline = Date.now() + PATIENCE;
    let answered = '0';
    for (;;) {
      const { outcome, answers, asked, wanted, change, panel } = await this.#look();
      if (outcome !== '') {
        const faults = await this.page.locator('li[data-kind="error"], li[data-kind="notice"]').allTextContents();
        assert.deepEqual([outcome, faults], ['as it must be', []]);
        return;
      }
      if (panel && answers[panel] !== 'nothing') await this.#answer(panel, answers[panel]);
      else if (asked !== answered && (change || ['tap', 'authorise', 'phone'].includes(wanted))) {
        // Only once, even if the page is slow to notice: meanwhile a panel may cover the button.
        answered = asked;
        await this.#do(change, wanted);
      }
      assert.ok(Date.now() < deadline, `${name}: no outcome within ${PATIENCE} ms`);
      await sleep(INTERVAL);
    }
  }

  async #answer(panel, answer) {
    const on = this.page.locator(`[data-panel="${panel}"]`);
    if (panel !== 'settings') {
      await on.locator(`[data-action="${answer}"]`).click();
      return;
    }
    for (const [kind, allowed] of Object.entries(answer ?? {})) await on.locator(`[data-kind="${kind}"]`).setChecked(allowed);
    await on.locator('[data-action="close"]').click();
  }

  async #do(change, wanted) {
    if (!change) {
      await this.#on(`.${wanted}`).click();
      return;
    }
    const { fault } = JSON.parse(change);
    if (fault !== undefined) {
      const field = this.page.locator('[data-action="phone-fault"]');
      await field.fill(fault);
      await field.press('Enter');
    }
    await this.onChange(JSON.parse(change));
    await this.#on('.done').click();
  }

  /** The number of consent panels since the app started. */
  async panels() {
    const entries = await this.page
      .locator('li[data-kind="panel"]')
      .evaluateAll((items) => items.map((item) => JSON.parse(item.dataset.entry)));
    return entries.filter(({ panel }) => panel === 'consent').length;
  }

  #on(selector) {
    return this.page.locator(`.phone-page ${selector}`);
  }

  /** Reads the page in front; any page but the behaviour's is ignored. */
  #look() {
    return this.page.evaluate(() => {
      const text = (name) => document.querySelector(`.phone-page .${name}`)?.textContent ?? '';
      const shown = document.querySelector('[data-panel="consent"], [data-panel="privacy"], [data-panel="settings"]');
      const answers = JSON.parse(text('answers') || '{}');
      return {
        outcome: text('outcome'),
        answers,
        asked: text('asked'),
        wanted: text('wanted'),
        change: text('change'),
        panel: shown?.dataset.panel,
      };
    });
  }
}
