const { auth, asksByButton, SERVER } = require('../../auth');
const { toFault } = require('../../fault');
const { attempts } = require('./attempts');

/** A domain that is not on the app's whitelist. */
const ELSEWHERE = 'https://elsewhere.example';

/** @typedef {{ name: string, refused: boolean, where: string, encoding: string, zh: string, en: string }} Outcome */

Page({
  data: {
    asksByButton,
    ready: false,
    nameless: false,
    outcomes: /** @type {Outcome[]} */ ([]),
    busy: false,
    fault: /** @type {Fault | null} */ (null),
    elsewhere: ELSEWHERE,
  },

  plain: { nickName: '', avatar: '' },

  /**
   * renderTo(fn) is the documented way out for stores and frameworks: from then on the values are plain strings, which the library
   * recognises only by content. This page tests that.
   *
   * @param {ViewEvent} event
   */
  async fetchDisplay(event) {
    this.setData({ busy: true, fault: null });
    try {
      const info = await auth.getAuthUserInfo(event, { purpose: '演示展示信息不会传出页面' });
      info.renderTo(({ nickName, avatar }) => {
        this.plain = { nickName: nickName || '', avatar: avatar || '' };
      });
      const ready = Boolean(this.plain.nickName && this.plain.avatar);
      this.setData({ ready, nameless: !ready, outcomes: [] });
    } catch (error) {
      this.setData({ fault: toFault(error) });
    } finally {
      this.setData({ busy: false });
    }
  },

  async tryAll() {
    this.setData({ busy: true, fault: null, outcomes: [] });
    for (const { name, options } of attempts(SERVER, this.plain)) {
      const outcome = Object.assign({ name }, await this.send(options));
      this.setData({ outcomes: this.data.outcomes.concat([outcome]) });
    }
    this.setData({ busy: false });
  },

  /**
   * @param {RequestOptions} options
   * @returns {Promise<Pick<Outcome, Exclude<keyof Outcome, 'name'>>>}
   */
  async send(options) {
    try {
      await auth.httpRequest(options);
      return { refused: false, where: '', encoding: '', zh: '请求已经发出。', en: 'The request was sent.' };
    } catch (error) {
      const { code, zh, en } = toFault(error);
      const { where, encoding } = /** @type {MiniauthError} */ (error);
      return { refused: code === 'display_only_forwarded', where: where || '', encoding: encoding || '', zh, en };
    }
  },

  /** Here the platform itself rejects the request; the library explains the error. */
  async leaveWhitelist() {
    this.setData({ busy: true, fault: null });
    try {
      await auth.httpRequest({ url: ELSEWHERE + '/hello', session: 'none' });
    } catch (error) {
      this.setData({ fault: toFault(error) });
    } finally {
      this.setData({ busy: false });
    }
  },
});
