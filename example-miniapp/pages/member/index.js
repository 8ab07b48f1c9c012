const { auth, asksByButton, SERVER } = require('../../auth');
const { toFault } = require('../../fault');
const { memberRows } = require('./member-rows');

Page({
  data: {
    asksByButton,
    display: /** @type {Display | null} */ (null),
    member: /** @type {Member | null} */ (null),
    memberRows: /** @type {ReturnType<typeof memberRows>} */ ([]),
    phone: /** @type {{ text: string, shared: boolean } | null} */ (null),
    busy: false,
    fault: /** @type {Fault | null} */ (null),
  },

  /**
   * For display only: the page shows it, and neither stores nor sends it. Both events of the authorising button come here: the library
   * finds out whether the user agreed.
   *
   * @param {ViewEvent} event
   */
  showDisplay(event) {
    return this.attempt(async () => {
      const info = await auth.getAuthUserInfo(event, { purpose: '在本页展示您的昵称与头像' });
      info.renderTo(this, 'display');
    });
  },

  /**
   * The server fetches the member from the open platform and stores it; the page shows the stored member.
   *
   * @param {ViewEvent} event
   */
  becomeMember(event) {
    return this.attempt(async () => {
      this.showMember(await auth.authorize(event, { purpose: '成为会员，用于会员等级与积分' }));
    });
  },

  /**
   * The server decrypts and stores the number, and the page gets it masked. Only for enterprise accounts.
   *
   * @param {ViewEvent} event
   */
  savePhone(event) {
    return this.attempt(async () => {
      const { phoneNumber, countryCode, confirmed } = await auth.getPhoneNumber(event, { purpose: '配送时联系您' });
      this.setData({ phone: { text: (countryCode ? '+' + countryCode + ' ' : '') + phoneNumber, shared: !confirmed } });
    });
  },

  /** Needs no tap: the member is already stored, and a silent login is enough to read it. */
  readMember() {
    return this.attempt(async () => {
      const { data } = await auth.httpRequest({ url: SERVER + '/member' });
      const stored = /** @type {Member & { nick_name: string | null, stored_at: number }} */ (data);
      // The server's own answer uses the wire's field names.
      this.showMember(Object.assign({}, stored, { nickName: stored.nick_name, storedAt: stored.stored_at }));
    });
  },

  logout() {
    return this.attempt(async () => {
      await auth.logout();
      this.setData({ display: null, member: null, phone: null });
      my.showToast({ content: '已退出登录' });
    });
  },

  /** @param {Member} member */
  showMember(member) {
    this.setData({ member, memberRows: memberRows(member) });
  },

  /**
   * Runs one action at a time, and shows what to do if it fails. Nothing on the page depends on consent.
   *
   * @param {() => Promise<void>} act
   */
  async attempt(act) {
    if (this.data.busy) {
      return;
    }
    this.setData({ busy: true, fault: null });
    try {
      await act();
    } catch (error) {
      this.setData({ fault: toFault(error) });
    } finally {
      this.setData({ busy: false });
    }
  },
});
