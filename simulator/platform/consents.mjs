import { CallFault } from './call-fault.mjs';

/**
 * The person's consents, each kind apart: `userInfo` and `phoneNumber` by the authorising button, `auth_user` by getAuthCode.
 */
export class Consents {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** Kinds that the person does not want to be asked for again. */
    this.blocked = new Set();
  }

  /**
   * Returns when there is a consent of this kind; asks where there is none.
   *
   * @param {'auth_user' | 'userInfo' | 'phoneNumber'} kind
   * @param {string} call that wants it
   * @param {import('./platform.mjs').Ask} ask
   * @param {{ again?: boolean }} [options] asks although it holds
   * @throws {CallFault} as the platform tells a refusal
   */
  async require(kind, call, ask, { again = false } = {}) {
    const { sandbox, user, faults } = this.ports;
    const request = await sandbox.consent(user(), kind);
    if (request.granted && !again) return;
    const numbered = faults.strikes('numbered-refusal', call);
    if (numbered && this.blocked.has(kind)) throw this.failure(2002);
    const action = await ask({ kind: 'consent', scope: kind, call, appName: request.app_name, items: request.items, numbered });
    if (action === 'accept' || action.startsWith('refuse')) await sandbox.decide(user(), kind, action === 'accept' ? 'accept' : 'refuse');
    if (action !== 'accept') throw this.refusal(action, kind, numbered);
  }

  refusal(action, kind, numbered) {
    if (action === 'background') return this.failure(10);
    if (action === 'back') return this.failure(Number(this.ports.profiles.close));
    if (!numbered) return this.failure(11);
    if (action === 'refuse') return this.failure(2001);
    this.blocked.add(kind);
    return this.failure(2003);
  }

  /** Every call that asks tells a refusal in the words of getAuthCode. */
  failure(number) {
    return CallFault.of(this.ports.facts, 'getAuthCode', number);
  }
}
