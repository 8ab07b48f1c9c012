import { Listeners } from './listeners.js';
import { memberOf } from './member.js';

const UNKNOWN = { userInfo: 'unknown', auth_user: 'unknown', phoneNumber: 'unknown' };

/** What is known of the session now, as the module knew it last: the page need not wait for it. */
export class Session {
  constructor() {
    this.listeners = new Listeners();
    /** @type {any} nothing before the module has started */
    this.known = undefined;
    this.told = JSON.stringify(this.now());
    this.isDue = false;
  }

  /** A copy of the caller's own. */
  now() {
    const { expiresAt = 0, profile = {}, userInfo, auth_user, phoneNumber } = this.known || UNKNOWN;
    const status = !this.known ? 'unknown' : expiresAt > Date.now() ? 'living' : 'none';
    const { subject = null, member } = status === 'none' ? { member: null } : profile;
    return {
      status,
      // Who it is has not been said while its member is not known.
      subject: member === undefined ? undefined : subject,
      member: memberOf(member),
      consents: { userInfo, auth_user, phoneNumber },
    };
  }

  /**
   * Takes down what the module knows, and has the listeners told when everything at hand is done: the module is at rest then,
   * and any call of it can be made.
   *
   * @param {object} known
   */
  learn(known) {
    this.known = known;
    if (this.isDue) return;
    this.isDue = true;
    void Promise.resolve().then(() => {
      this.isDue = false;
      const text = JSON.stringify(this.now());
      if (text === this.told) return;
      this.told = text;
      this.listeners.tell((listener) => listener(this.now()));
    });
  }
}
