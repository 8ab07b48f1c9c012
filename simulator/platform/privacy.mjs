import { CallFault } from './call-fault.mjs';

/** What the contract is called in the popup. */
const CONTRACT = '《小程序用户隐私保护指引》';

/**
 * The privacy check of `"usePrivacyCheck": true`: a call that touches personal data waits until the person has agreed, in the
 * platform's popup or, where page code listens, in the app's own. All of it is known from third-party copies only; which calls
 * it covers, and how a call fails that was not agreed to, is assumed.
 */
export class Privacy {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** Whether the person has pressed the app's own `agreePrivacyAuthorization` button. */
    this.pressed = false;
    /** Tells page code that a call waits. @type {((waiting: number, call: string) => void) | null} */
    this.tellApp = null;
    this.waiting = new Map();
    this.lastWaiting = 0;
  }

  /** Whether a call has to wait for the person. */
  get isDue() {
    const { profiles, privacyCheck, agreed } = this.ports;
    return (profiles.privacy !== 'off' || privacyCheck()) && !agreed.read();
  }

  /**
   * Returns when the person has agreed.
   *
   * @param {string} call that waits
   * @param {import('./platform.mjs').Ask} ask
   * @throws {CallFault} when they have not
   */
  async pass(call, ask) {
    if (!this.isDue) return;
    const decision = await (this.tellApp ? this.askInApp(call) : ask({ kind: 'privacy', call, contract: CONTRACT }));
    if (decision === 'agree') {
      this.ports.agreed.write(true);
      return;
    }
    // One picture is that the call fails, the other that nobody ever hears of it again.
    if (this.ports.profiles.privacy === 'pending') await new Promise(() => {});
    throw new CallFault(104, 'privacy permission is not authorized');
  }

  /** The app's own popup: it answers through `decide`. */
  askInApp(call) {
    this.lastWaiting += 1;
    const number = this.lastWaiting;
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
      this.tellApp(number, call);
    });
  }

  /**
   * Page code's answer for a call that waits. That the person agreed is taken from a press of the button alone.
   *
   * @param {number} number @param {string} event
   */
  decide(number, event) {
    if (event === 'agree' && !this.pressed) {
      throw new Error('resolve({ event: \'agree\' }) without a press of <button open-type="agreePrivacyAuthorization">');
    }
    if (!['agree', 'disagree'].includes(event)) return;
    this.waiting.get(number)?.(event);
    this.waiting.delete(number);
  }

  press() {
    this.pressed = true;
    this.ports.agreed.write(true);
  }

  setting() {
    return { needAuthorization: this.isDue, privacyContractName: CONTRACT };
  }
}
