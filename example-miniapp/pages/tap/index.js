const { auth, asksByButton } = require('../../auth');
const { toFault } = require('../../fault');

const PURPOSE = { purpose: '演示授权只能由您的点击触发' };

/** A tap is valid for 5 seconds; a second later it is certainly stale. */
const KEEP_MILLISECONDS = 6000;

/** @typedef {{ label: string, code: string, zh: string, en: string }} Outcome */

Page({
  data: {
    operations: [
      { name: 'authorize', label: 'authorize：成为会员', note: '一次点击，一个授权弹窗。' },
      {
        name: 'getAuthUserInfo',
        label: 'getAuthUserInfo：展示昵称',
        note: asksByButton ? '普通点击不会弹窗：用户尚未同意时，要用平台的授权按钮。' : '一次点击，一个授权弹窗。',
      },
    ],
    outcomes: /** @type {Outcome[]} */ ([]),
    tapState: 'none',
    busy: false,
  },

  keptEvent: /** @type {ViewEvent | undefined} */ (undefined),

  keptTimer: 0,

  onUnload() {
    clearTimeout(this.keptTimer);
  },

  /** @param {ViewEvent} event */
  withoutTap(event) {
    return this.attempt('没有点击', event, [undefined]);
  },

  /** @param {ViewEvent} event */
  keepTap(event) {
    clearTimeout(this.keptTimer);
    this.keptEvent = event;
    this.setData({ tapState: 'fresh' });
    this.keptTimer = setTimeout(() => this.setData({ tapState: 'old' }), KEEP_MILLISECONDS);
  },

  /** @param {ViewEvent} event */
  withOldTap(event) {
    return this.attempt('旧的点击', event, [this.keptEvent]);
  },

  /** @param {ViewEvent} event */
  twiceWithOneTap(event) {
    return this.attempt('同一次点击', event, [event, event]);
  },

  /**
   * Runs the tapped button's operation once per event, one after another.
   *
   * @param {string} label
   * @param {ViewEvent} tapped
   * @param {(ViewEvent | undefined)[]} events
   */
  async attempt(label, tapped, events) {
    if (this.data.busy) {
      return;
    }
    this.setData({ busy: true, outcomes: [] });
    const { operation } = tapped.currentTarget.dataset;
    for (let index = 0; index < events.length; index += 1) {
      const numbered = events.length > 1 ? label + '，第 ' + (index + 1) + ' 次' : label;
      const outcome = Object.assign({ label: numbered }, await this.run(operation, events[index]));
      this.setData({ outcomes: this.data.outcomes.concat([outcome]) });
    }
    this.setData({ busy: false });
  },

  /**
   * @param {string} operation
   * @param {ViewEvent | undefined} event
   * @returns {Promise<Fault>}
   */
  async run(operation, event) {
    try {
      // Both require a tap's event; omitting it is the mistake that this page shows.
      const tap = /** @type {ViewEvent} */ (event);
      await (operation === 'authorize' ? auth.authorize(tap, PURPOSE) : auth.getAuthUserInfo(tap, PURPOSE));
      return { code: 'done', zh: '已完成。', en: 'Done.' };
    } catch (error) {
      return toFault(error);
    }
  },
});
