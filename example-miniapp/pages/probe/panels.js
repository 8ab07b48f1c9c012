// Observes what a panel does to a page. Only the user can tell whether one appeared; everything else is observed here.
const { attempt, taken } = require('./attempt');
const { settle } = require('./report');

/** @typedef {import('./report').Report} Report */
/** @typedef {{ outcome: 'success' | 'fail', error?: number, code?: string, shape?: string }} Ended */

/** How long after a callback an onShow may still follow, in milliseconds. */
const SHOWN_WITHIN = 1500;

/** @returns {Promise<Ended>} the outcome of my.getAuthCode with auth_user; the code is discarded */
function askForMember() {
  return new Promise((resolve) => {
    taken(
      my.getAuthCode({
        scopes: 'auth_user',
        success: () => resolve({ outcome: 'success' }),
        fail: (/** @type {{ error?: number }} */ failure) => resolve({ outcome: 'fail', error: (failure || {}).error }),
      }),
    );
  });
}

/** @returns {Promise<Ended>} the code and the shape of the answer of my.getOpenUserInfo; its values are discarded */
function readDisplay() {
  return new Promise((resolve) => {
    taken(
      // miniauth-ignore authorize-button: whether a plain tap brings a panel is what the probe is to find out
      my.getOpenUserInfo({
        success: (/** @type {unknown} */ answer) => resolve(Object.assign({ outcome: /** @type {const} */ ('success') }, shapeOf(answer))),
        fail: (/** @type {{ error?: number }} */ failure) => resolve({ outcome: 'fail', error: (failure || {}).error }),
      }),
    );
  });
}

/** @param {unknown} answer */
function shapeOf(answer) {
  const { response, code } = /** @type {{ response?: unknown, code?: unknown }} */ (answer || {});
  if (response === undefined) return { shape: 'flat', code: String(code) };
  const text = typeof response === 'string';
  const outer = text
    ? attempt(
        () => JSON.parse(response),
        () => ({}),
      )
    : response;
  return { shape: text ? 'text' : 'object', code: String((outer.response || outer).code) };
}

/** @returns {Promise<boolean | undefined>} the consent to nickname and avatar, from my.getSetting */
function displaySetting() {
  return new Promise((resolve) => {
    if (typeof my.getSetting !== 'function') {
      resolve(undefined);
      return;
    }
    taken(
      my.getSetting({
        success: (/** @type {unknown} */ answer) => {
          const { authSetting } = /** @type {{ authSetting?: { userInfo?: boolean } }} */ (answer || {});
          resolve((authSetting || {}).userInfo);
        },
        fail: () => resolve(undefined),
      }),
    );
  });
}

/** Records the order of the callback and the onShow of page and app. */
class ShowWatch {
  /** @param {{ shows?: number }} app its onShow counts itself */
  constructor(app) {
    this.app = app;
    this.appShows = app.shows || 0;
    /** @type {string[]} */
    this.order = [];
  }

  /** @param {'page' | 'callback'} what */
  saw(what) {
    this.order.push(what);
  }

  /**
   * After the callback, waits for a late onShow.
   *
   * @param {Report} report
   */
  async settle(report) {
    await new Promise((resolve) => void setTimeout(() => resolve(undefined), SHOWN_WITHIN));
    const page = this.order.indexOf('page');
    const app = (this.app.shows || 0) > this.appShows;
    const both = page >= 0 ? 'app+page' : 'app';
    settle(report, 'on-show-after-panel', app ? both : page >= 0 ? 'page' : 'none');
    if (page >= 0) settle(report, 'on-show-order', page < this.order.indexOf('callback') ? 'before' : 'after');
  }
}

module.exports = { askForMember, readDisplay, displaySetting, ShowWatch };
