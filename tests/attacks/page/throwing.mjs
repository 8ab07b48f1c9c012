/** What page code does while the module's calls into JavaScript throw, one at a time. */

import { AVATAR, NICKNAME, SERVER, event } from './support/platform.mjs';

const purpose = '在本页展示您的昵称与头像';

const userInfo = { nickName: NICKNAME, avatar: AVATAR };
const post = (auth, data) =>
  auth.httpRequest({ url: `${SERVER}/orders`, method: 'POST', data, headers: { 'x-a': 'b' }, typed: ['data.receiver'] });
const store = (my, data) => new Promise((resolve, reject) => void my.setStorage({ key: 'k', data, success: resolve, fail: reject }));

/** The operations; each takes the client and the platform. */
export const OPERATIONS = {
  'log in': (auth) => auth.login(),
  'log in twice at once': (auth) => Promise.all([auth.login(), auth.login()]),
  'become a member': (auth) => auth.authorize(event('tap'), { purpose }),
  'become a member, refused': (auth, my) => {
    my.refuses = true;
    return auth.authorize(event('tap'), { purpose });
  },
  'nickname by a tap': (auth) => auth.getAuthUserInfo(event('tap'), { purpose }),
  'nickname by the button': (auth) => auth.getAuthUserInfo(event('getAuthorize'), { purpose }),
  'nickname in the event': (auth) => auth.getAuthUserInfo(event('getUserInfo', { userInfo }), { purpose }),
  'the button failed': (auth) => auth.getAuthUserInfo(event('error', { errorMessage: '用户取消授权' }), { purpose }),
  'the phone number by the button': (auth) => auth.getPhoneNumber(event('getAuthorize'), { purpose }),
  'the phone number in the event': (auth) =>
    auth.getPhoneNumber(event('getPhoneNumber', { encryptedData: 'ZmFrZQ==', sign: 'ZmFrZQ==' }), { purpose }),
  'the button for the phone number failed': (auth) => auth.getPhoneNumber(event('error', { errorMessage: '用户取消授权' }), { purpose }),
  'a bare code': (auth) => auth.getAuthCode(),
  'a bare code with a panel': (auth) => auth.getAuthCode({ scopes: 'auth_user', event: event('tap'), purpose }),
  'a request': (auth) => post(auth, { note: 'tea, please', receiver: NICKNAME }),
  'a request that must be searched': (auth) =>
    post(auth, { note: encodeURIComponent('一杯茶 & more'), image: 'QUJD'.repeat(40), file: new ArrayBuffer(8) }),
  'a request with the nickname': (auth) => post(auth, { note: encodeURIComponent(NICKNAME) }),
  'a request after the session expired': (auth, my) => {
    my.expires = true;
    return post(auth, { note: 'tea' });
  },
  'a request while the network fails': (auth, my) => {
    my.offline = 2;
    return auth.httpRequest({ url: `${SERVER}/orders` });
  },
  'a request that is given up': (auth) => {
    const request = auth.httpRequest({ url: `${SERVER}/orders` });
    request.abort();
    return request;
  },
  'a request that the app judges': (auth) => auth.httpRequest({ url: `${SERVER}/orders`, isExpired: ({ status }) => status === 401 }),
  'a guarded call': (_, my) => store(my, { note: encodeURIComponent('一杯茶') }),
  'a guarded call with the nickname': (_, my) => store(my, { note: NICKNAME }),
  'page code learns the nickname by itself': (_, my) => new Promise((success, fail) => void my.getOpenUserInfo({ success, fail })),
  'what was agreed to': (auth) => Promise.all([auth.consents(), auth.consentState()]),
  'log out': (auth) => auth.login().then(() => auth.logout()),
};

export const tried = [
  {
    group: 'JavaScript that throws during a call',
    what: 'each call of the module into JavaScript, one after another, with the module as WebAssembly, as plain JavaScript and in a Worker',
    count: Object.keys(OPERATIONS).length * 3,
    held: 'the call settles, no display information is sent, the next call works',
    test: 'tests/attacks/page/throwing.test.mjs#whatever the module calls throws',
  },
];
