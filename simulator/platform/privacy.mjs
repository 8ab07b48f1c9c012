import { CallFault } from './call-fault.mjs';

/** The contract's title in the popup. */
const CONTRACT = '《小程序用户隐私保护指引》';

/**
 * The privacy check of `"usePrivacyCheck": true`: a call that touches personal data waits until the person agrees, in the platform's popup
 * or, if page code listens, in the app's own. It is known only from third-party copies; which calls it covers, and how a call without
 * agreement fails, is assumed.
 */
export class Privacy {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** Whether the person has pressed the app's own `agreePrivacyAuthorization` button. */
    this.pressed = false;
    /** Tells page code that a call waits for the person. @type {((waiting: number, call: string) => void) | null} */
    this.tellApp = null;
    this.waiting = new Map();
    this.lastWaiting = 0;
  }

  /** Whether calls must wait for the person's agreement. */
  get isDue() {
    const { profiles, privacyCheck, agreed } = this.ports;
    return (profiles.privacy !== 'off' || privacyCheck()) && !agreed.read();
  }

  /**
   * Resolves once the person has agreed.
   *
   * @param {string} call the waiting call
   * @param {import('./platform.mjs').Ask} ask
   * @throws {CallFault} if they disagree
   */
  async pass(call, ask) {
    if (!this.isDue) return;
    const decision = await (this.tellApp ? this.askInApp(call) : ask({ kind: 'privacy', call, contract: CONTRACT }));
    if (decision === 'agree') {
      this.ports.agreed.write(true);
      return;
    }
    // By one source the call fails, by another it never calls back.
    if (this.ports.profiles.privacy === 'pending') await new Promise(() => {});
    throw new CallFault(104, 'privacy permission is not authorized');
  }

  /** Asks in the app's own popup, which answers through `decide`. */
  askInApp(call) {
    this.lastWaiting += 1;
    const number = this.lastWaiting;
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
      this.tellApp(number, call);
    });
  }

  /**
   * Handles page code's answer for a waiting call. Agreement requires a press of the button.
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
