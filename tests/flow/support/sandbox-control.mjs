/** The app's products: the member for the server, nickname and avatar for display, and the phone number. */
export const MEMBER_PRODUCT = '获取会员信息';
export const DISPLAY_PRODUCT = '获取会员基础信息';
export const PHONE_PRODUCT = '获取会员手机号';
export const PRODUCTS = [MEMBER_PRODUCT, DISPLAY_PRODUCT, PHONE_PRODUCT];

/**
 * The sandbox's control interface: test users, consents, faults, and the gateway calls it received.
 *
 * @typedef {{ id: string, user_id: string, open_id: string, nick_name: string | null, avatar: string | null,
 *   mobile?: string }} TestUser
 * @typedef {{ sequence: number, method: string, outcome: string, user: string | null, fault: string | null }} GatewayCall
 */
export class SandboxControl {
  #origin;

  /** @param {string} origin of the sandbox */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * @param {object} fields of the new user, as the control interface takes them
   * @returns {Promise<TestUser>}
   */
  createUser(fields) {
    return this.#send('POST', '/control/users', fields);
  }

  /** Sets the user's decision. @param {string} user @param {string} scope @param {'accept' | 'refuse'} decision */
  decide(user, scope, decision) {
    return this.#send('POST', '/control/consent', { user, scope, decision });
  }

  /** Returns the answer of `my.getPhoneNumber`. @param {string} user @returns {Promise<{ response: string }>} */
  phoneNumber(user) {
    return this.#send('GET', `/control/phone-number?${new URLSearchParams({ user })}`);
  }

  /**
   * @param {{ user: string, scopes: string[], lifetime_seconds?: number }} request
   * @returns {Promise<string>} an auth code, as the platform would hand it to the page
   */
  async createAuthCode(request) {
    return (await this.#send('POST', '/control/auth-codes', request)).auth_code;
  }

  /** @param {object} fault applies to the next gateway calls until it is set again */
  setFault(fault) {
    return this.#send('PUT', '/control/fault', fault);
  }

  clearFault() {
    return this.setFault({ kind: 'none' });
  }

  /** @param {boolean} inForce whether the product is in force for the app @param {string} [product] */
  setProductInForce(inForce, product = MEMBER_PRODUCT) {
    return this.#send('PUT', '/control/product', { product, in_force: inForce });
  }

  /** @param {string} profile the gateway's readings, `name:value,name:value`; all others have their default */
  setProfiles(profile) {
    return this.#send('PUT', '/control/profiles', { profile });
  }

  /**
   * Withdraws a consent in the platform's settings, as the user.
   *
   * @param {string} user @param {'auth_user' | 'userInfo' | 'phoneNumber'} kind
   */
  withdraw(user, kind) {
    return this.#send('DELETE', `/control/consent?${new URLSearchParams({ user, scope: kind })}`);
  }

  /**
   * @param {number} [after] only calls with a higher sequence number
   * @returns {Promise<GatewayCall[]>}
   */
  async calls(after = 0) {
    return (await this.#send('GET', `/control/calls?after=${after}`)).calls;
  }

  async #send(method, path, body) {
    const response = await fetch(this.#origin + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`The sandbox answered ${response.status} to ${method} ${path}: ${text}`);
    }
    return text === '' ? null : JSON.parse(text);
  }
}
