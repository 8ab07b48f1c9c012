export const SERVER = 'https://api.shop.example';
export const NICKNAME = '爱喝茶的小张';
export const AVATAR = 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH';

let last = Date.now();

/** Returns an event with a timestamp of its own. */
export function event(type, detail) {
  last = Math.max(last + 1, Date.now());
  return { type, timeStamp: last, detail };
}

/** Returns a working platform; it records what left the page and counts the panels shown. */
export function platform() {
  const left = [];
  const later = (callback, answer) => void setTimeout(() => callback && callback(answer), 0);
  const session = Buffer.alloc(32, 7).toString('base64url');
  const my = {
    left,
    panels: 0,
    getAuthCode: ({ success, fail, scopes }) => {
      if (scopes !== 'auth_user') return later(success, { authCode: 'code' });
      if (!my.agreed) my.panels += 1;
      my.agreed = !my.refuses;
      return my.refuses ? later(fail, { error: 11, errorMessage: '用户取消' }) : later(success, { authCode: 'code' });
    },
    getOpenUserInfo: ({ success }) =>
      later(success, { response: JSON.stringify({ response: { code: '10000', nickName: NICKNAME, avatar: AVATAR } }) }),
    getPhoneNumber: ({ success }) => later(success, { response: 'ZmFrZQ==' }),
    getSetting: ({ success }) => later(success, { authSetting: { userInfo: true } }),
    setStorage: (options) => {
      left.push(options.data);
      later(options.success);
    },
    request: ({ url, data, success, fail }) => {
      if (url.endsWith('/orders')) left.push(data);
      if (my.offline > 0) {
        my.offline -= 1;
        return later(fail, { error: 12 });
      }
      if (url.endsWith('/phone')) {
        later(success, { status: 200, data: { phone_number: '138****1234', confirmed: true }, headers: {} });
        return { abort() {} };
      }
      const expired = my.expires && url.endsWith('/orders');
      my.expires = false;
      const member = data && String(data.scope) === 'auth_user' ? { stored_at: 1, nick_name: NICKNAME } : null;
      const answer = expired ? { code: 'session_expired' } : { session, expires_in: 3600, member };
      later(success, { status: expired ? 401 : 200, data: JSON.stringify(answer), headers: {} });
      return { abort() {} };
    },
  };
  return my;
}
