/** The app's own address, which stands for the local server. */
export const ORIGIN = 'https://api.shop.example';

/** The storage of a phone, which outlives the app. Returns what is in it. */
export function withStorage(my, kept = new Map()) {
  my.getStorageSync = ({ key }) => ({ data: kept.has(key) ? kept.get(key) : null });
  my.setStorageSync = ({ key, data }) => void kept.set(key, data);
  my.setStorage = ({ key, data, success }) => {
    kept.set(key, data);
    if (success) success();
  };
  my.removeStorageSync = ({ key }) => void kept.delete(key);
  return kept;
}

/** What the platform fails with: no error, and of no class. */
function failure(error, fields) {
  return Object.assign(Object.create(null), { error, ...fields });
}

function cancellation() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/**
 * A platform over the real sandbox and the real server: its codes and its user information are the sandbox's, its
 * requests go over HTTP.
 */
export class Platform {
  /**
   * @param {{ sandbox: string, server: string }} urls
   * @param {string} user
   * @param {'legacy' | 'current'} apis
   */
  constructor(urls, user, apis) {
    this.urls = urls;
    this.user = user;
    /** Every call of the package, in order. */
    this.calls = [];
    /** What the person in front of the phone does when a panel appears. */
    this.decision = 'accept';
    this.panels = 0;
    /** The local servers that answer for the app's addresses. */
    this.origins = { [ORIGIN]: urls.server };
    const current = apis === 'current';
    this.my = {
      canIUse: (name) => current && ['request', 'getOpenUserInfo'].includes(name),
      getAuthCode: (options) => void this.answer('getAuthCode', options, () => this.authCode(options.scopes)),
      getAuthUserInfo: (options) => void this.answer('getAuthUserInfo', options, () => this.displayInfo()),
      httpRequest: (options) => this.task('httpRequest', options, false),
    };
    if (current) {
      this.my.getOpenUserInfo = (options) =>
        void this.answer('getOpenUserInfo', options, async () => {
          if (!(await this.granted())) await this.askPerson().catch(() => {});
          return { response: JSON.stringify({ response: await this.control(`display-info?user=${this.user}`) }) };
        });
      this.my.request = (options) => this.task('request', options, true);
    }
  }

  async answer(name, options, work) {
    this.calls.push({ name, ...options });
    try {
      options.success(await work());
    } catch (thrown) {
      options.fail(thrown instanceof Error ? failure(12, { errorMessage: String(thrown) }) : thrown);
    }
  }

  /** A request, and what aborts it. */
  task(name, options, current) {
    const { signal, abort } = cancellation();
    void this.answer(name, options, () => this.request(options, current, signal));
    return { abort };
  }

  async authCode(scope) {
    if (scope === 'auth_user' && !(await this.granted())) await this.askPerson();
    const { auth_code: authCode } = await this.control('auth-codes', 'POST', { user: this.user, scopes: [scope] });
    return { authCode, authSuccessScopes: [scope], authErrorScopes: {} };
  }

  async displayInfo() {
    const info = await this.control(`display-info?user=${this.user}`);
    if (info.code !== '10000') throw failure(10, { errorMessage: info.msg });
    return { nickName: info.nickName, avatar: info.avatar };
  }

  async granted() {
    return (await this.control(`consent?user=${this.user}&scope=auth_user`)).granted;
  }

  async askPerson() {
    this.panels += 1;
    if (this.decision !== 'accept') throw failure(this.decision === 'back' ? 3 : 11, { errorMessage: '用户取消授权' });
    await this.control('consent', 'POST', { user: this.user, scope: 'auth_user', decision: 'accept' });
  }

  async request({ url, method, headers, data }, current, signal) {
    const { origin } = new URL(url);
    const target = url.replace(origin, this.origins[origin] ?? origin);
    const body = data === undefined || method === 'GET' ? undefined : typeof data === 'string' ? data : JSON.stringify(data);
    const response = await fetch(target, { method, headers, body, signal }).catch((cause) => {
      throw signal.aborted ? failure(9, {}) : cause;
    });
    const text = await response.text();
    const answer = {
      status: response.status,
      data: text === '' ? '' : JSON.parse(text),
      headers: Object.fromEntries(response.headers),
    };
    if (!response.ok && !current) throw failure(19, answer);
    return answer;
  }

  async control(path, method = 'GET', body = undefined) {
    const response = await fetch(`${this.urls.sandbox}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const answer = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new Error(`sandbox: ${response.status} ${answer.error}`);
    return answer;
  }

  /** How often the package called `my.<name>`. */
  count(name) {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** The requests that left, whichever call they took. */
  get requests() {
    return this.calls.filter(({ name }) => name === 'request' || name === 'httpRequest');
  }
}
