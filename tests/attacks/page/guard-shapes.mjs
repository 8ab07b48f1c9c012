/** The ways in which honest or careless code sends nickname and avatar: the guard must find each one. */

const AVATAR = 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH_160X160';
const ID = 'T1Z3FcXkdUaBcDeFgH';
const wide = (text) =>
  Array.from(text, (c) => (c > ' ' && c <= '~' ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c === ' ' ? '\u3000' : c)).join('');
const bytes = (text) => [...Buffer.from(text)];
const bare = (text) => text.replace(/\p{Extended_Pictographic}|\ufe0f/gu, '');

/** Nicknames distinctive enough to identify a user. */
export const TELLING = [
  '爱喝茶的小张',
  ' 星辰大海🌊 ',
  '小张🌊爱喝茶🍵',
  'Tom Lee',
  'Moon',
  'sunshine',
  '阿May 的 店',
  'Café Ångström',
  '50% off & more',
];

/** Nicknames that count only in a field whose name says that it holds a nickname. */
export const SHORT = ['张伟', 'Bob', '晴', 'test', '5201314', 'Nike', '😀'];

/** Ways to write a nickname. */
export const WRITTEN = {
  'as it is': (n) => n,
  'after trim()': (n) => n.trim(),
  'with blanks around it': (n) => `  ${n}\n`,
  'blanks collapsed': (n) => n.replace(/\s+/g, ' '),
  'blanks removed': (n) => n.replace(/\s+/g, ''),
  'ideographic blanks': (n) => n.replace(/\s/g, '\u3000'),
  'no-break blanks': (n) => n.replace(/\s/g, '\u00a0'),
  'blanks as %20': (n) => n.replace(/\s/g, '%20'),
  'blanks as +': (n) => n.replace(/\s/g, '+'),
  'blanks as line breaks': (n) => n.replace(/\s/g, '\r\n'),
  'without emoji': bare,
  'emoji as a question mark': (n) => n.replace(/\p{Extended_Pictographic}/gu, '?'),
  'emoji as two replacement characters': (n) => n.replace(/\p{Extended_Pictographic}/gu, '\ufffd\ufffd'),
  'emoji as a word': (n) => n.replace(/\p{Extended_Pictographic}/gu, '[emoji]'),
  'emoji as an entity': (n) => n.replace(/\p{Extended_Pictographic}/gu, (c) => `&#${c.codePointAt(0)};`),
  'lower case': (n) => n.toLowerCase(),
  'upper case': (n) => n.toUpperCase(),
  'full width': wide,
  'full width, lower case, without blanks': (n) => wide(n.toLowerCase().replace(/\s/g, '')),
  NFD: (n) => n.normalize('NFD'),
  NFKC: (n) => wide(n).normalize('NFKC'),
  'percent-encoded': (n) => encodeURIComponent(n),
  'base64 in lower case of the text': (n) => Buffer.from(`{"n":"${n.toLowerCase()}"}`).toString('base64'),
  'JSON in percent, without blanks': (n) => encodeURIComponent(JSON.stringify({ n: n.replace(/\s/g, '') })),
};

/** Ways to carry a text. */
export const CARRIED = {
  'a field': (t) => ({ by: t }),
  'a part of a sentence': (t) => ({ text: `hello ${t}, welcome` }),
  'JSON text': (t) => JSON.stringify({ by: t }),
  'bytes as a list': (t) => ({ by: bytes(t) }),
  'signed bytes': (t) => ({ by: bytes(t).map((b) => (b > 127 ? b - 256 : b)) }),
  'code points as a list': (t) => ({ by: Array.from(t, (c) => c.codePointAt(0)) }),
  'a Buffer as JSON': (t) => ({ by: Buffer.from(t).toJSON() }),
  'a Buffer as JSON text': (t) => ({ by: JSON.stringify(Buffer.from(t)) }),
  'a Uint8Array as JSON text': (t) => JSON.stringify(new Uint8Array(bytes(t))),
  'an ArrayBuffer': (t) => ({ by: new Uint8Array(bytes(t)).buffer }),
  'UTF-16 in an ArrayBuffer': (t) => ({ by: new Uint8Array([7, ...Buffer.from(t, 'utf16le')]).buffer }),
};

/** Ways to put a short nickname into such a field. */
export const UNDER = {
  ...Object.fromEntries(
    [
      'nickName',
      'nick_name',
      'userName',
      'username',
      'user_name',
      'USER-NAME',
      'displayName',
      'memberName',
      'member_name',
      'screenName',
      'alias',
      '用户名',
      '昵称',
      'userInfo',
    ].map((name) => [name, (t) => ({ [name]: t })]),
  ),
  'key and value': (t) => ({ key: 'nickName', value: t }),
  'value before key': (t) => ({ value: t, key: 'user_name' }),
  'a pair': (t) => [['nickName', t]],
  'a query': (t) => `a=1&userName=${encodeURIComponent(t)}`,
  'JSON text': (t) => JSON.stringify({ user_name: t }),
  deeper: (t) => ({ userInfo: { info: [{ name: t }] } }),
  bytes: (t) => ({ nickName: bytes(t.padEnd(3)) }),
};

/** Ways to write an avatar's address. */
export const AVATARS = {
  'as it is': AVATAR,
  'with a query': `${AVATAR}?x-oss-process=image/resize,w_100`,
  'another size': AVATAR.replace('160X160', '64x64'),
  'a size after @': `${AVATAR.replace('_160X160', '')}@100w_100h`,
  'a size after !': `${AVATAR}!thumb`,
  'with a type': `${AVATAR}.jpg`,
  'without a size': AVATAR.replace('_160X160', ''),
  'another scheme': AVATAR.replace('https', 'http'),
  'without a scheme': AVATAR.slice(8),
  'without a host': new URL(AVATAR).pathname,
  'another host': AVATAR.replace('tfs', 'gw'),
  'its last part alone': `${ID}_160X160`,
  'its id alone': ID,
  'in lower case': AVATAR.toLowerCase(),
  'percent-encoded': encodeURIComponent(AVATAR),
  'the id in base64': Buffer.from(`{"avatar":"${ID}"}`).toString('base64'),
};
export { AVATAR };

/** Field names that contain a nickname, which no error may show. */
export const NAMES = [
  (n) => n,
  (n) => `x_${n}`,
  (n) => `${n}s`,
  (n) => encodeURIComponent(n),
  (n) => Buffer.from(n).toString('base64'),
  (n) => n.toUpperCase(),
];

const size = (object) => Object.keys(object).length;
const test = (name) => `tests/attacks/page/guard.test.mjs#${name}`;

export const tried = [
  {
    group: 'nicknames',
    what: 'nicknames × ways to write them × ways to carry them',
    count: TELLING.length * size(WRITTEN) * size(CARRIED),
    held: 'refused',
    test: test('a nickname is seen however it is written'),
  },
  {
    group: 'nicknames',
    what: 'short ones, numbers and brand names × field names',
    count: SHORT.length * size(UNDER),
    held: 'refused',
    test: test('a short nickname is seen under a name'),
  },
  {
    group: 'avatars',
    what: 'the address with another scheme, host, query or size, and parts of it',
    count: size(AVATARS),
    held: 'refused',
    test: test('an avatar is seen by what does not differ'),
  },
  {
    group: 'field names',
    what: 'nicknames in field names, with a value in the field',
    count: (TELLING.length + SHORT.length) * NAMES.length,
    held: 'refused; no error or decision shows it',
    test: test('no error and no decision shows a value'),
  },
];
