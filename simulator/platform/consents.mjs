import { CallFault } from './call-fault.mjs';

/** How a panel that the person only closed is told. */
const CLOSED = { 3: '未找到授权结果', 10: 'Empty Data' };

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
    if (numbered && this.blocked.has(kind)) throw new CallFault(2002, '用户不允许授权');
    const action = await ask({ kind: 'consent', scope: kind, call, appName: request.app_name, items: request.items, numbered });
    if (action === 'accept' || action.startsWith('refuse')) await sandbox.decide(user(), kind, action === 'accept' ? 'accept' : 'refuse');
    if (action !== 'accept') throw this.refusal(action, kind, numbered);
  }

  refusal(action, kind, numbered) {
    const { profiles } = this.ports;
    if (action === 'background') return new CallFault(10, CLOSED[10]);
    if (action === 'back') return new CallFault(Number(profiles.close), CLOSED[profiles.close]);
    if (!numbered) return new CallFault(11, '用户取消授权');
    if (action === 'refuse') return new CallFault(2001, '用户不允许授权');
    this.blocked.add(kind);
    return new CallFault(2003, '用户勾选了不允许授权选项');
  }
}
