/**
 * The sandbox's control interface: test users, consent, faults, and the gateway calls that it saw.
 *
 * @typedef {{ id: string, user_id: string, open_id: string, nick_name: string | null, avatar: string | null }} TestUser
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

  /** @param {boolean} inForce whether the product 获取会员信息 is in force for the app */
  setProductInForce(inForce) {
    return this.#send('PUT', '/control/product', { in_force: inForce });
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
