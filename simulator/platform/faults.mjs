/**
 * Faults of a phone, by name. A tester switches one on as `name`, or as `name:call` for a single call. Effects without a cited source are
 * assumed.
 */
const FAULTS = {
  'no-permission': {
    what: 'error 4 (N22104): the app has no permission for the call',
    zh: '无权调用 no permission',
    calls: ['getAuthCode', 'getOpenUserInfo', 'getPhoneNumber', 'getAuthUserInfo'],
  },
  'no-answer': {
    what: 'the call never calls back',
    zh: '不回调 no answer',
    calls: [
      'getAuthCode',
      'getOpenUserInfo',
      'getPhoneNumber',
      'getAuthUserInfo',
      'getSetting',
      'request',
      'httpRequest',
      'uploadFile',
      'downloadFile',
      'connectSocket',
      'chooseImage',
    ],
  },
  offline: {
    what: 'error 12: no network; a WebSocket fails with 50',
    zh: '断网 offline',
    calls: [
      'getAuthCode',
      'getOpenUserInfo',
      'getPhoneNumber',
      'getAuthUserInfo',
      'request',
      'httpRequest',
      'uploadFile',
      'downloadFile',
      'connectSocket',
    ],
  },
  'no-status': {
    what: 'a request without a network succeeds, with no status',
    zh: '断网仍回调 success no status',
    calls: ['request', 'httpRequest'],
  },
  throttled: { what: 'error 20: the platform stops the request', zh: '限流 throttled', calls: ['request', 'httpRequest'] },
  'numbered-refusal': {
    what: 'a refusal is 2001, or 2003 with "do not ask again"; after that 2002 without a panel',
    zh: '拒绝时返回 2001/2003 numbered refusal',
    calls: ['getAuthCode', 'getOpenUserInfo', 'chooseImage'],
  },
  partial: { what: 'a code without the scope: authErrorScopes in success', zh: '部分授权 partial', calls: ['getAuthCode'] },
  'partial-fail': { what: 'only authErrorScopes, in fail', zh: '部分授权（fail） partial in fail', calls: ['getAuthCode'] },
  'response-object': { what: 'response is an object', zh: 'response 为对象 object', calls: ['getOpenUserInfo', 'getPhoneNumber'] },
  'response-flat': { what: 'the fields are on the answer itself', zh: '字段平铺 flat', calls: ['getOpenUserInfo', 'getPhoneNumber'] },
  // OD 获取会员手机号 and its FAQ, except the last two, which model an AES key that was replaced and a hostile page.
  'phone-no-aes-key': { what: '40001: the console has no AES key', zh: '未设置 AES 密钥 no AES key', calls: ['getPhoneNumber'] },
  'phone-no-signing': {
    what: 'no signature: signing is not set up in the console',
    zh: '未设置加签 no signing',
    calls: ['getPhoneNumber'],
  },
  'phone-no-product': { what: '40006: 获取会员手机号 is not activated', zh: '未开通手机号产品 no product', calls: ['getPhoneNumber'] },
  'phone-no-consent': { what: '40003: the consent is not valid', zh: '授权关系无效 no consent', calls: ['getPhoneNumber'] },
  'phone-no-number': { what: 'no number is bound to the account', zh: '账号未绑定手机号 no number', calls: ['getPhoneNumber'] },
  'phone-unavailable': { what: "20000: the platform's own service fails", zh: '系统繁忙 unavailable', calls: ['getPhoneNumber'] },
  'phone-wrong-key': { what: "encrypted with another AES key than the server's", zh: '密钥不符 wrong key', calls: ['getPhoneNumber'] },
  'phone-tampered': { what: 'modified on the way to the server', zh: '内容被篡改 tampered', calls: ['getPhoneNumber'] },
  'personal-app': { what: 'the app belongs to an individual, not a company', zh: '个人小程序 personal app', calls: ['createWorker'] },
};

/** @type {{ name: string, what: string, zh: string, calls: string[] }[]} */
export const FAULT_LIST = Object.entries(FAULTS).map(([name, fault]) => ({ name, ...fault }));

/** The faults that are switched on. */
export class Faults {
  /** @param {string} [text] `name,name:call` */
  constructor(text = '') {
    this.set(text);
  }

  /**
   * @param {string} text replaces the current faults; empty for none
   * @throws {Error} that lists the known faults
   */
  set(text) {
    const pairs = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    this.on = pairs.map((pair) => {
      const [name, call] = pair.split(':');
      if (!Object.hasOwn(FAULTS, name)) {
        throw new Error(`there is no fault "${name}": it must be one of ${Object.keys(FAULTS).join(', ')}`);
      }
      const { calls } = FAULTS[name];
      if (call !== undefined && !calls.includes(call)) {
        throw new Error(`the fault ${name} applies to ${calls.join(', ')}, not "${call}"`);
      }
      return { name, calls: call === undefined ? calls : [call] };
    });
  }

  /** Whether a fault applies to a call. @param {string} name @param {string} call */
  strikes(name, call) {
    return this.on.some((fault) => fault.name === name && fault.calls.includes(call));
  }
}
