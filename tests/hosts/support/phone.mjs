import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a behaviour may take, and how often is looked whether the person is wanted, in milliseconds. */
const PATIENCE = 30_000;
const INTERVAL = 20;

/** One person with a phone in Chromium, who taps and answers panels when the page asks for it. */
export class Phone {
  /**
   * @param {import('playwright-core').Page} page
   * @param {string} address
   */
  constructor(page, address) {
    this.page = page;
    this.address = address;
  }

  /** Starts the app, on this phone. */
  async restart() {
    await this.page.goto(this.address);
    const faults = this.page.locator('.phone-faults');
    await this.#on('.order').or(faults).first().waitFor();
    if (await faults.count() > 0) throw new Error(await faults.innerText());
  }

  /** Has the page show a behaviour, and does what a person does meanwhile. */
  async show(host, name, phase) {
    await this.#on('.order input').fill(JSON.stringify({ host, name, phase }));
    const deadline = Date.now() + PATIENCE;
    let answered = '0';
    for (;;) {
      const { outcome, decision, asked, wanted, panel } = await this.#look();
      if (outcome !== '') {
        const errors = await this.page.locator('li[data-kind="error"]').allTextContents();
        assert.deepEqual([outcome, errors], ['as it must be', []]);
        return;
      }
      if (panel) await this.page.locator(`[data-panel="consent"] [data-action="${decision}"]`).click();
      else if (wanted !== 'nothing' && asked !== answered) {
        // Once, however long the page takes to notice: a panel may come over the button meanwhile.
        answered = asked;
        await this.#on(`.${wanted}`).click();
      }
      assert.ok(Date.now() < deadline, `${name}: no outcome within ${PATIENCE} ms`);
      await sleep(INTERVAL);
    }
  }

  /** How many consent panels were shown since the app was started. */
  async panels() {
    const entries = await this.page
      .locator('li[data-kind="panel"]')
      .evaluateAll((items) => items.map((item) => JSON.parse(item.dataset.entry)));
    return entries.filter(({ panel }) => panel === 'consent').length;
  }

  close() {
    return this.page.context().close();
  }

  #on(selector) {
    return this.page.locator(`.phone-page ${selector}`);
  }

  #look() {
    return this.page.evaluate(() => {
      const text = (name) => document.querySelector(`.phone-page .${name}`).textContent;
      const panel = Boolean(document.querySelector('[data-panel="consent"]'));
      return { outcome: text('outcome'), decision: text('decision'), asked: text('asked'), wanted: text('wanted'), panel };
    });
  }
}
