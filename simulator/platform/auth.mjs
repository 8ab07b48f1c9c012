import { CallFault } from './call-fault.mjs';

/** The kinds of consent that the authorising button can ask for with its `scope`. */
const BUTTON_SCOPES = ['userInfo', 'phoneNumber'];

/** The sandbox's names for the faults of a phone number. */
const PHONE_FAULTS = {
  'phone-no-aes-key': 'no_aes_key',
  'phone-no-signing': 'no_signing',
  'phone-no-product': 'no_product',
  'phone-no-consent': 'no_consent',
  'phone-no-number': 'no_number',
  'phone-unavailable': 'unavailable',
  'phone-wrong-key': 'wrong_key',
  'phone-tampered': 'tampered',
};

/** The simulated scopes of getAuthCode. */
const SCOPES = ['auth_base', 'auth_user'];

/** The person's identity: getAuthCode, the calls for nickname and avatar, the authorising button, and the settings. */
export class Auth {
  /**
   * @param {import('./platform.mjs').Ports} ports
   * @param {Consents} consents
   * @param {import('./privacy.mjs').Privacy} privacy
   * @param {Record<string, { allowed: boolean }>} permissions the person's decisions on the phone's own permissions
   */
  constructor(ports, consents, privacy, permissions) {
    this.ports = ports;
    this.consents = consents;
    this.privacy = privacy;
    this.permissions = permissions;
    /** Whether getAuthCode('auth_user') has succeeded in this run: getAuthUserInfo requires it. */
    this.authorised = false;
  }

  /** `my.getAuthCode`: silent for auth_base; asks the person for auth_user unless they consented before. */
  async getAuthCode({ scopes = 'auth_base' }, ask) {
    const { sandbox, user, faults } = this.ports;
    const list = Array.isArray(scopes) ? scopes : [scopes];
    if (list.length === 0 || !list.every((scope) => SCOPES.includes(scope))) throw this.unknownScope(list);
    const wantsUser = list.includes('auth_user');
    if (wantsUser) {
      await this.privacy.pass('getAuthCode', ask);
      await this.consents.require('auth_user', 'getAuthCode', ask);
      if (faults.strikes('partial-fail', 'getAuthCode')) throw new CallFault(undefined, '', { authErrorScopes: { auth_user: '10' } });
    }
    const { auth_code: authCode, scopes: granted } = await sandbox.authCode(user(), list);
    if (wantsUser && faults.strikes('partial', 'getAuthCode')) {
      return { authCode, authSuccessScopes: granted.filter((scope) => scope !== 'auth_user'), authErrorScopes: { auth_user: '10' } };
    }
    if (wantsUser) this.authorised = true;
    return { authCode, authSuccessScopes: granted, authErrorScopes: {} };
  }

  /** Builds the fault for an unknown scope; reports a scope that only this simulator lacks. */
  unknownScope(list) {
    const known = this.ports.facts.call('getAuthCode').options.scopes;
    const missing = list.find((scope) => known.includes(scope) && !SCOPES.includes(scope));
    if (missing !== undefined) this.ports.report(new Error(`my.getAuthCode: the scope ${missing} is not in this simulator's subset`));
    return CallFault.of(this.ports.facts, 'getAuthCode', 3);
  }

  /** `my.getAuthUserInfo`: shows no panel; works only after getAuthCode('auth_user') succeeded. */
  async getAuthUserInfo(_fields, ask) {
    if (!this.authorised) throw CallFault.of(this.ports.facts, 'getAuthCode', 10);
    await this.privacy.pass('getAuthUserInfo', ask);
    const { code, msg, nickName, avatar } = await this.ports.sandbox.legacyDisplayInfo(this.ports.user());
    if (code !== '10000') throw new CallFault(10, msg);
    return { nickName, avatar };
  }

  /**
   * `my.getOpenUserInfo`: shows no panel, and succeeds with 40003 until the person has consented through the button; its response is a JSON
   * string.
   */
  async getOpenUserInfo(_fields, ask) {
    const { sandbox, user, profiles, faults } = this.ports;
    await this.privacy.pass('getOpenUserInfo', ask);
    let answer = await sandbox.displayInfo(user());
    if (answer.code === '40003' && profiles.authorise === 'call-panel') {
      await this.consents.require('userInfo', 'getOpenUserInfo', ask);
      answer = await sandbox.displayInfo(user());
    }
    if (faults.strikes('response-flat', 'getOpenUserInfo')) return answer;
    if (faults.strikes('response-object', 'getOpenUserInfo')) return { response: { response: answer } };
    return { response: JSON.stringify({ response: answer }) };
  }

  /** `my.getPhoneNumber`: shows no panel; problems are reported in its answer, which only the app's server can read. */
  async getPhoneNumber(_fields, ask) {
    const { faults } = this.ports;
    await this.privacy.pass('getPhoneNumber', ask);
    const answer = await this.phoneAnswer();
    if (faults.strikes('response-flat', 'getPhoneNumber')) return { response: answer.response, sign: answer.sign };
    return { response: faults.strikes('response-object', 'getPhoneNumber') ? answer : JSON.stringify(answer) };
  }

  /** Returns the platform's encrypted answer with the phone number, and its signature. */
  async phoneAnswer() {
    const { sandbox, user, faults } = this.ports;
    const fault = Object.keys(PHONE_FAULTS).find((name) => faults.strikes(name, 'getPhoneNumber'));
    const { response } = await sandbox.phoneNumber(user(), PHONE_FAULTS[fault]);
    return JSON.parse(response);
  }

  /**
   * Handles a press of `<button open-type="getAuthorize">`, after its tap event: asks, and fires the resulting events.
   *
   * @param {string | undefined} scope from AXML
   * @param {(type: string, detail?: object) => void} fire
   * @param {import('./platform.mjs').Ask} ask
   */
  async pressAuthorise(scope, fire, ask) {
    let answer;
    try {
      if (!BUTTON_SCOPES.includes(scope)) throw new CallFault(undefined, '请输入合法的scope');
      await this.privacy.pass('getAuthorize', ask);
      await this.consents.require(scope, 'getAuthorize', ask, { again: this.ports.profiles['authorised-button'] === 'panel' });
      answer = scope === 'userInfo' ? await this.ports.sandbox.displayInfo(this.ports.user()) : { code: '10000' };
      // A missing product fires the same event as a refusal; its message is assumed.
      if (answer.code !== '10000') throw new CallFault(undefined, answer.sub_msg ?? answer.subMsg ?? answer.msg);
      if (scope === 'phoneNumber') answer = await this.phoneAnswer();
    } catch (error) {
      fire('error', { type: 'getAuthorize', errorMessage: error.message });
      return;
    }
    fire('getAuthorize');
    if (scope === 'phoneNumber') fire('getPhoneNumber', phoneDetail(answer));
    if (scope === 'userInfo') fire('getUserInfo', { userInfo: { avatar: answer.avatar, nickName: answer.nickName } });
  }

  /** `my.getSetting`: returns the person's decisions, without a panel. */
  async getSetting() {
    const { authSetting } = await this.ports.sandbox.settings(this.ports.user());
    const own = Object.entries(this.permissions).map(([kind, { allowed }]) => [kind, allowed]);
    return { authSetting: { ...authSetting, ...Object.fromEntries(own) } };
  }

  /** `my.openSetting`: a panel where the person switches consents on and off. */
  async openSetting(_fields, ask) {
    const { sandbox, user } = this.ports;
    const { authSetting } = await this.getSetting();
    const switched = await ask({ kind: 'settings', authSetting });
    for (const [kind, allowed] of Object.entries(switched)) {
      if (allowed === authSetting[kind]) continue;
      if (this.permissions[kind]) {
        this.permissions[kind] = { allowed, answer: { ...this.permissions[kind].answer, action: 'ok' } };
        continue;
      }
      await (allowed ? sandbox.decide(user(), kind, 'accept') : sandbox.withdraw(user(), kind));
      this.consents.blocked.delete(kind);
    }
    return this.getSetting();
  }
}

/** Builds the detail of `onGetPhoneNumber`. An answer that is unencrypted, for lack of a key, is passed as JSON text. */
function phoneDetail({ response, sign }) {
  const encryptedData = typeof response === 'string' ? response : JSON.stringify(response);
  return sign === undefined ? { encryptedData } : { encryptedData, sign };
}

/**
 * The person's consents by kind: `userInfo` and `phoneNumber` from the authorising button, `auth_user` from getAuthCode.
 */
export class Consents {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** Kinds that the person does not want to be asked about again. */
    this.blocked = new Set();
  }

  /**
   * Ensures a consent of this kind; asks the person if there is none.
   *
   * @param {'auth_user' | 'userInfo' | 'phoneNumber'} kind
   * @param {string} call the call that needs it
   * @param {import('./platform.mjs').Ask} ask
   * @param {{ again?: boolean }} [options] asks even if the consent exists
   * @throws {CallFault} with the platform's error for a refusal
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

  /** Every call that asks reports a refusal with getAuthCode's errors. */
  failure(number) {
    return CallFault.of(this.ports.facts, 'getAuthCode', number);
  }
}
