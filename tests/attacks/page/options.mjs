/** Wrong calls of every public function, and what each error must say: what was passed, what must be passed, and what to do. */

import { NICKNAME, SERVER, event } from './support/platform.mjs';

const purpose = '成为会员';
const url = `${SERVER}/orders`;
const refuse = () => {
  throw new TypeError('a getter');
};
const getter = (name) => Object.defineProperty({}, name, { enumerable: true, get: refuse });
const show = (auth) => auth.getAuthUserInfo(event('getAuthorize'), { purpose });
const request = (fields) => (auth) => auth.httpRequest({ url, method: 'POST', ...fields });

/** Wrong arguments of `createAuth`, and the error text, which comes at once or at the first call. */
export const CREATED = {
  nothing: [undefined, /my must be the platform's object, not undefined/],
  'a number': [7, /options must be an object, not 7/],
  'my is null': [{ my: null }, /my must be the platform's object, not null/],
  'my is a text': [{ my: 'my' }, /my must be the platform's object, not 'my'/],
  'my is Taro': [{ my: { getEnv: () => 'ALIPAY', addInterceptor() {}, request() {} } }, /framework/],
  'my is uni': [{ my: { addInterceptor() {}, request() {} } }, /framework/],
  'my is mpx': [{ my: function Mpx() {} }, /my must be the platform's object, not function/],
  'my throws': [{ my: getter('getEnv') }, /cannot be read/],
  'no server': [{ server: undefined }, /server must be the address of your server, not undefined/],
  'server is an address object': [{ server: {} }, /server must be the address of your server, not object/],
  'server without a scheme': [{ server: 'api.shop.example' }, /https URL.*not 'api\.shop\.example'/],
  'server in a private network': [{ server: 'http://192.168.1.5:8701' }, /debug: true.*not 'http:\/\/192\.168\.1\.5:8701'/],
  'server in public by http, in development': [{ server: 'http://api.shop.example', debug: true }, /https URL/],
  'server with a query': [{ server: `${SERVER}?x=1` }, /without query/],
  'observe is a text': [{ observe: 'log' }, /observe must be a function, not 'log'/],
  'debug is a text': [{ debug: 'yes' }, /debug must be true or false, not 'yes'/],
  'tapLifetime is none': [{ tapLifetime: 0 }, /tapLifetime must be a number of milliseconds from 1 to 60000, not 0/],
  'panelTimeout in words': [{ panelTimeout: '60s' }, /panelTimeout.*not '60s'/],
  'a misspelt option': [{ observer() {} }, /createAuth has no option observer\. Its options are my, server, observe/],
  'an option that throws': [getter('observe'), /cannot be read/],
};

/** Wrong calls of a client, each with the error's code and text. */
export const ASKED = {
  'authorize without an event': [(auth) => auth.authorize({ purpose }), 'tap_required', /handler's event first/],
  'authorize without anything': [(auth) => auth.authorize(), 'tap_required', /no tap event was passed.*the first argument is not an event/],
  'getAuthUserInfo without an event': [(auth) => auth.getAuthUserInfo({ purpose }), 'tap_required', /handler's event first/],
  'getPhoneNumber without an event': [(auth) => auth.getPhoneNumber({ purpose }), 'tap_required', /handler's event first/],
  'getPhoneNumber without a purpose': [
    (auth) => auth.getPhoneNumber(event('getAuthorize')),
    'purpose_required',
    /purpose must be a text of 1 to 100/,
  ],
  'getAuthCode without an event': [
    (auth) => auth.getAuthCode({ scopes: 'auth_user', purpose }),
    'tap_required',
    /no tap event was passed.*the first argument is not an event/,
  ],
  'another event': [
    (auth) => auth.authorize(event('touchStart'), { purpose }),
    'tap_required',
    /the first argument is an event of type touchStart/,
  ],
  'authorize without a purpose': [(auth) => auth.authorize(event('tap')), 'purpose_required', /purpose must be a text of 1 to 100/],
  'a purpose that is no text': [(auth) => auth.authorize(event('tap'), { purpose: 5 }), 'purpose_required', /purpose/],
  'options that are a text': [
    (auth) => auth.authorize(event('tap'), purpose),
    'options_invalid',
    /authorize: options must be an object, not '成为会员'/,
  ],
  'a misspelt purpose': [
    (auth) => auth.authorize(event('tap'), { reason: purpose }),
    'options_invalid',
    /authorize has no option reason\. Its options are purpose/,
  ],
  'callbacks for getAuthUserInfo': [
    (auth) => auth.getAuthUserInfo(event('tap'), { purpose, success() {} }),
    'options_invalid',
    /no option success: it returns a promise/,
  ],
  'options that throw': [(auth) => auth.authorize(event('tap'), getter('purpose')), 'options_invalid', /cannot be read/],
  'scope for scopes': [
    (auth) => auth.getAuthCode({ scope: 'auth_user' }),
    'options_invalid',
    /getAuthCode has no option scope\. Its options are scopes/,
  ],
  'another scope': [(auth) => auth.getAuthCode({ scopes: ['auth_all'] }), 'options_invalid', /auth_base or auth_user, not 'auth_all'/],
  'getAuthCode of a text': [
    (auth) => auth.getAuthCode('auth_user'),
    'options_invalid',
    /getAuthCode: options must be an object, not 'auth_user'/,
  ],
  'no request': [(auth) => auth.httpRequest(), 'options_invalid', /object with a url, not undefined/],
  'a request that is an address': [(auth) => auth.httpRequest(url), 'options_invalid', /object with a url, not 'https/],
  'no address': [
    (auth) => auth.httpRequest({}),
    'options_invalid',
    /url must be an absolute URL .* or a path below server .*, not undefined/,
  ],
  'an upload without an address': [
    (auth) => auth.uploadFile({ filePath: '/a', name: 'photo' }),
    'options_invalid',
    /uploadFile: url must be/,
  ],
  'an address from here': [(auth) => auth.httpRequest({ url: 'orders' }), 'options_invalid', /below server .*, not 'orders'/],
  'an address without a scheme': [(auth) => auth.httpRequest({ url: '//api.shop.example/' }), 'options_invalid', /below server/],
  'an address with a blank first': [(auth) => auth.httpRequest({ url: ` ${url}` }), 'options_invalid', /below server/],
  'an address of another kind': [(auth) => auth.httpRequest({ url: 'ftp://a.example/' }), 'options_invalid', /below server/],
  'a misspelt option of a request': [
    request({ header: {} }),
    'options_invalid',
    /httpRequest has no option header: use headers\. Its options are url/,
  ],
  'data that throws': [request({ data: getter('note') }), 'options_invalid', /cannot be read/],
  'toJSON that throws': [request({ data: { toJSON: refuse } }), 'options_invalid', /cannot be read/],
  'headers that throw': [request({ headers: getter('x') }), 'options_invalid', /cannot be read/],
  'a BigInt': [request({ data: { id: 10n } }), 'options_invalid', /BigInt/],
  'a boxed BigInt': [request({ data: { id: Object(10n) } }), 'options_invalid', /BigInt/],
  'another option of guard': [
    (auth) => auth.guard({ when: 'refuse' }),
    'options_invalid',
    /guard has no option when\. Its options are whenUnsure/,
  ],
  'guard of a text': [(auth) => auth.guard('refuse'), 'options_invalid', /guard: options must be an object, not 'refuse'/],
  'renderTo nothing': [(auth) => show(auth).then((info) => info.renderTo()), 'options_invalid', /renderTo: pass a page/],
  'renderTo a page without a key': [
    (auth) => show(auth).then((info) => info.renderTo({ setData() {} })),
    'options_invalid',
    /a field of its data/,
  ],
  'renderTo a key that is no text': [
    (auth) => show(auth).then((info) => info.renderTo({ setData() {} }, 5)),
    'options_invalid',
    /a field of its data/,
  ],
  'renderTo a symbol': [(auth) => show(auth).then((info) => info.renderTo(Symbol('x'), {})), 'options_invalid', /renderTo: pass/],
  'renderTo of something else': [
    (auth) => show(auth).then((info) => info.renderTo.call({}, () => {})),
    'options_invalid',
    /not a DisplayInfo/,
  ],
};

/** Values that JSON changes: the package sends what JSON makes of them. */
export const SENT = {
  'a boxed text': Object('tea'),
  'a boxed number': { n: Object(5), list: [Object(6)] },
  'boxed truths': { yes: Object(true), no: Object(false) },
  'a date': { at: new Date(0) },
  'a map': { map: new Map([[1, 2]]), set: new Set([1]) },
  'what is left out': { a: undefined, b: () => {}, c: Symbol('c'), d: [undefined] },
  'an error': { error: new TypeError('x') },
  'a class': new (class {
    constructor() {
      this.x = 1;
    }
    get y() {
      return 2;
    }
  })(),
  'without a prototype': Object.assign(Object.create(null), { x: 1 }),
};

/** Nicknames that occur by chance in the package's own requests: in an address, a header or a field. */
export const NAMED = [
  'code',
  'auth',
  'authcode',
  'scope',
  'auth_base',
  'auth_user',
  'consent',
  'login_id',
  'application',
  'json',
  'POST',
  'shop',
  'api.shop.example',
  'example',
  'https',
  'purpose',
  'content-type',
  'Bearer',
  'session',
  'text',
  '成为会员',
  '1',
  'a',
  NICKNAME,
];

/** The nicknames among them that would identify a user in a purpose. */
export const TELLING = ['成为会员', NICKNAME];

export const tried = [
  {
    group: 'wrong options',
    what: 'wrong arguments of every public call, getters that throw, misspelt options',
    count: (Object.keys(CREATED).length + Object.keys(ASKED).length) * 3,
    held: 'a MiniauthError that says what must be passed and what was passed; nothing is sent',
    test: 'tests/attacks/page/options.test.mjs#wrong options are named',
  },
  {
    group: 'values that JSON changes',
    what: 'boxed values, dates, classes and values that JSON omits, in a request',
    count: Object.keys(SENT).length * 3,
    held: 'sent as JSON serialises them',
    test: 'tests/attacks/page/options.test.mjs#what is sent is what JSON makes of it',
  },
  {
    group: "users whose nickname occurs in the package's own requests",
    what: 'nicknames such as code, auth, scope, application',
    count: NAMED.length * 3,
    held: 'they log in and become members, behind guard() too; a purpose with a nickname in it is refused',
    test: 'tests/attacks/page/options.test.mjs#a user whose nickname occurs in the package',
  },
];
