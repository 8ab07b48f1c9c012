import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './wait.mjs';

/** The simulator's address for an auth code of the sandbox. */
const AUTH_CODES = '**/__simulator/control/auth-codes';

/** The phone in the simulator's page, used like a person would, and its timeline. */
export class Phone {
  #leaveForMe = false;
  #agreeing;

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /** The mini-program's front page. */
  get screen() {
    return this.page.locator('.phone-page').last();
  }

  get consentPanel() {
    return this.page.locator('[data-panel="consent"]');
  }

  get privacyPopup() {
    return this.page.locator('[data-panel="privacy"]');
  }

  /**
   * @param {string} url of the simulator, with the user in its query
   * @param {string} [home] the first page
   */
  async open(url, home = 'pages/home/index') {
    this.url = url;
    this.home = home;
    await this.#load();
    // Unless the scenario says otherwise, the person agrees to the privacy contract.
    this.#agreeing = this.#agreeToPrivacy();
  }

  async #load() {
    await this.page.goto(this.url);
    const faults = this.page.locator('.phone-faults');
    await this.screen.or(faults).first().waitFor();
    if ((await faults.count()) > 0) throw new Error(`The simulator cannot run the example: ${await faults.innerText()}`);
    await this.shows(this.home);
  }

  /** Closes the app and starts it again, on the same phone. */
  restart() {
    return this.#load();
  }

  async #agreeToPrivacy() {
    const popup = this.privacyPopup;
    while (!this.#leaveForMe) {
      if ((await popup.count().catch(() => 0)) > 0)
        await popup
          .locator('[data-action="agree"]')
          .click({ timeout: 5_000 })
          .catch(() => {});
      await sleep(20);
    }
  }

  /** From now on the scenario answers the privacy popup itself. */
  async answerPrivacyMyself() {
    this.#leaveForMe = true;
    await this.#agreeing;
  }

  /** Stops the person's current action. */
  async putAway() {
    this.#leaveForMe = true;
    await this.#agreeing?.catch(() => {});
  }

  /** Waits until the page with this route is in front. */
  async shows(route) {
    await this.page.locator(`.phone-page[data-route="${route}"]`).last().waitFor({ state: 'visible' });
    await eventually(async () => assert.equal(await this.screen.getAttribute('data-route'), route));
  }

  /** Opens one of the home page's places by name. */
  async openPlace(name, route) {
    await this.screen.locator('.place', { hasText: name }).click();
    await this.shows(route);
  }

  openMember() {
    return this.openPlace('会员中心', 'pages/member/index');
  }

  openBoundary() {
    return this.openPlace('越界', 'pages/boundary/index');
  }

  openTap() {
    return this.openPlace('点击证明', 'pages/tap/index');
  }

  async openOrder() {
    await this.screen.locator('.buy').first().click();
    await this.shows('pages/order/index');
  }

  /** Goes back to the home page with the phone's own back button. */
  async back() {
    await this.page.locator('[data-action="navigate-back"]').click();
    await this.shows('pages/home/index');
  }

  /** Taps an element of the front page, once it can be tapped. */
  async tap(selector) {
    await this.screen.locator(selector).click();
  }

  /**
   * Answers the consent panel that is open, or opens within the time limit.
   *
   * @param {'accept' | 'refuse' | 'back'} decision
   */
  async decide(decision) {
    await this.consentPanel.locator(`[data-action="${decision}"]`).click();
    await this.consentPanel.waitFor({ state: 'detached' });
  }

  /** The same, if the platform asks only under some profiles. @param {string | number} panels the expected number of panels */
  async decideIfAsked(decision, panels) {
    if (Number(panels) > 0) await this.decide(decision);
  }

  /** @param {'agree' | 'disagree'} decision about the privacy contract */
  async decidePrivacy(decision) {
    await this.privacyPopup.locator(`[data-action="${decision}"]`).click();
    await this.privacyPopup.waitFor({ state: 'detached' });
  }

  /** Switches on phone faults: `name`, or `name:call`. */
  async setFault(text) {
    const field = this.page.locator('[data-action="phone-fault"]');
    await field.fill(text);
    await field.press('Enter');
  }

  /** Waits until exactly one element of the front page matches, and returns its text from the DOM. */
  async text(selector) {
    return this.screen.locator(selector).textContent();
  }

  /**
   * Waits for the element's text to equal or match the expectation.
   *
   * @param {string} selector
   * @param {string | RegExp} expected
   * @param {{ timeoutMilliseconds?: number }} [limit]
   */
  async reads(selector, expected, limit) {
    await eventually(async () => {
      const text = await this.screen.locator(selector).textContent({ timeout: 1_000 });
      if (expected instanceof RegExp) assert.match(text, expected);
      else assert.equal(text, expected);
    }, limit);
  }

  /**
   * Waits until the page shows an error as advice, in Chinese with English below.
   *
   * @param {RegExp} chinese
   */
  async advises(chinese) {
    await this.reads('.fault-zh', chinese);
    await this.reads('.fault-en', /[A-Za-z]{3}/);
  }

  /**
   * Holds the next auth code on its way to the page until an action has used it.
   *
   * @param {(code: string) => Promise<void>} act
   */
  async onNextAuthCode(act) {
    await this.page.route(
      AUTH_CODES,
      async (route) => {
        const response = await route.fetch();
        await act((await response.json()).auth_code);
        await route.fulfill({ response });
      },
      { times: 1 },
    );
  }

  /** Makes the platform give the page a code that expires at once. */
  async expireNextAuthCode() {
    await this.page.route(
      AUTH_CODES,
      async (route) => {
        await route.continue({ postData: { ...route.request().postDataJSON(), lifetime_seconds: 0 } });
      },
      { times: 1 },
    );
  }

  /** Lets the next request reach the server, and loses the answer. */
  async loseNextAnswer() {
    await this.page.route(
      '**/__simulator/request',
      async (route) => {
        const { mappedTo } = await (await route.fetch()).json();
        await route.fulfill({ json: { failed: 'the answer was lost (by the scenario)', mappedTo } });
      },
      { times: 1 },
    );
  }

  /** Returns how many elements of the front page match now. */
  count(selector) {
    return this.screen.locator(selector).count();
  }

  /** Returns all timeline entries so far, oldest first. */
  async timeline() {
    const items = await this.page
      .locator('li[data-kind]')
      .evaluateAll((elements) => elements.map((element) => ({ kind: element.dataset.kind, entry: element.dataset.entry })));
    return items.map(({ kind, entry }) => ({ kind, ...JSON.parse(entry) }));
  }
}
