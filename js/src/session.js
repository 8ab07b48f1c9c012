import { Listeners } from './listeners.js';
import { memberOf } from './member.js';

const UNKNOWN = { userInfo: 'unknown', auth_user: 'unknown', phoneNumber: 'unknown' };

/** The session state as last reported by the module, so the page need not wait for it. */
export class Session {
  constructor() {
    this.listeners = new Listeners();
    /** Undefined before the module has started. @type {any} */
    this.known = undefined;
    this.told = JSON.stringify(this.now());
    this.isDue = false;
  }

  /** Returns a copy of the state. */
  now() {
    const { expiresAt = 0, profile = {}, userInfo, auth_user, phoneNumber } = this.known || UNKNOWN;
    const status = !this.known ? 'unknown' : expiresAt > Date.now() ? 'living' : 'none';
    const { subject = null, member } = status === 'none' ? { member: null } : profile;
    return {
      status,
      // While the member is unknown, the subject is too.
      subject: member === undefined ? undefined : subject,
      member: memberOf(member),
      consents: { userInfo, auth_user, phoneNumber },
    };
  }

  /**
   * Records the module's state, and notifies the listeners once current work is done: the module is idle then, and any call can be made.
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
