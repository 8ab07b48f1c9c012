/**
 * What can go wrong on a phone, by name. A fault is switched on by who tests: `name`, or `name:call` where it is to strike one
 * call only. What each does is assumed where no source stands beside it.
 */
const FAULTS = {
  'no-permission': {
    what: 'error 4 (N22104): the app lacks the call',
    zh: '无权调用 no permission',
    calls: ['getAuthCode', 'getOpenUserInfo', 'getPhoneNumber', 'getAuthUserInfo'],
  },
  'no-answer': {
    what: 'the call never calls back',
    zh: '不回调 no answer',
    calls: ['getAuthCode', 'getOpenUserInfo', 'getPhoneNumber', 'getAuthUserInfo', 'getSetting', 'request', 'httpRequest', 'uploadFile', 'downloadFile', 'connectSocket', 'chooseImage'],
  },
  offline: {
    what: 'error 12: there is no network; a WebSocket says 50',
    zh: '断网 offline',
    calls: ['getAuthCode', 'getOpenUserInfo', 'getPhoneNumber', 'getAuthUserInfo', 'request', 'httpRequest', 'uploadFile', 'downloadFile', 'connectSocket'],
  },
  'no-status': {
    what: 'without a network a request succeeds, with no status',
    zh: '断网却成功 no status',
    calls: ['request', 'httpRequest'],
  },
  throttled: { what: 'error 20: the platform stops the request', zh: '限流 throttled', calls: ['request', 'httpRequest'] },
  'numbered-refusal': {
    what: 'a refusal is 2001, or 2003 with "do not ask again"; after that 2002 and no panel',
    zh: '拒绝为 2001/2003 numbered refusal',
    calls: ['getAuthCode', 'getOpenUserInfo', 'chooseImage'],
  },
  partial: { what: 'a code, but without the scope: authErrorScopes in success', zh: '部分授权 partial', calls: ['getAuthCode'] },
  'partial-fail': { what: 'authErrorScopes alone, in fail', zh: '部分授权（fail） partial in fail', calls: ['getAuthCode'] },
  'response-object': { what: 'response is an object, not a text', zh: 'response 为对象 object', calls: ['getOpenUserInfo', 'getPhoneNumber'] },
  'response-flat': { what: 'the fields stand on the answer itself', zh: '字段平铺 flat', calls: ['getOpenUserInfo', 'getPhoneNumber'] },
  // OD 获取会员手机号 and its FAQ: all but the last two, which are what an AES key of another day and a hostile page come to.
  'phone-no-aes-key': { what: '40001: the console has no AES key', zh: '未设置 AES 密钥 no AES key', calls: ['getPhoneNumber'] },
  'phone-no-signing': { what: 'no signature: the console has no signing set up', zh: '未设置加签 no signing', calls: ['getPhoneNumber'] },
  'phone-no-product': { what: '40006: 获取会员手机号 is not in force', zh: '未开通手机号产品 no product', calls: ['getPhoneNumber'] },
  'phone-no-consent': { what: '40003: the consent does not hold', zh: '授权关系无效 no consent', calls: ['getPhoneNumber'] },
  'phone-no-number': { what: 'no number is bound to the account', zh: '账号未绑定手机号 no number', calls: ['getPhoneNumber'] },
  'phone-unavailable': { what: '20000: the platform\'s own service fails', zh: '系统繁忙 unavailable', calls: ['getPhoneNumber'] },
  'phone-wrong-key': { what: 'encrypted with another AES key than the server\'s', zh: '密钥不符 wrong key', calls: ['getPhoneNumber'] },
  'phone-tampered': { what: 'changed on its way to the server', zh: '内容被篡改 tampered', calls: ['getPhoneNumber'] },
  'personal-app': { what: 'the app is a person\'s, not a company\'s', zh: '个人小程序 personal app', calls: ['createWorker'] },
};

/** @type {{ name: string, what: string, zh: string, calls: string[] }[]} */
export const FAULT_LIST = Object.entries(FAULTS).map(([name, fault]) => ({ name, ...fault }));

/** The faults that are switched on at present. */
export class Faults {
  /** @param {string} [text] `name,name:call` */
  constructor(text = '') {
    this.set(text);
  }

  /**
   * @param {string} text replaces what was on; empty for none
   * @throws {Error} which lists what is known
   */
  set(text) {
    const pairs = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
    this.on = pairs.map((pair) => {
      const [name, call] = pair.split(':');
      if (!Object.hasOwn(FAULTS, name)) {
        throw new Error(`there is no fault "${name}": known are ${Object.keys(FAULTS).join(', ')}`);
      }
      const { calls } = FAULTS[name];
      if (call !== undefined && !calls.includes(call)) {
        throw new Error(`the fault ${name} strikes ${calls.join(', ')}, not "${call}"`);
      }
      return { name, calls: call === undefined ? calls : [call] };
    });
  }

  /** @param {string} name @param {string} call */
  strikes(name, call) {
    return this.on.some((fault) => fault.name === name && fault.calls.includes(call));
  }
}
