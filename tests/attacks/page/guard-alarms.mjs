/** What honest code sends besides nickname and avatar: the guard must let all of it pass. */

/** Nicknames, each with data that looks like it contains the nickname but does not. */
export const ALARMS = {
  Jack: ['Jackets 20% off', 'hijacked', { sku: 'JACKET-01', title: 'black jackets' }, 'Jackson'],
  ming: ['coming soon', 'farming', 'Beijing Mingdynasty', { state: 'streaming' }],
  Moon: ['mooncake', 'honeymoon', { page: 'pages/moon/index' }, 'https://cdn.shop.example/moon/1.png', { type: 'half_moon' }],
  sunshine: [
    'sunshines',
    { moon: 1, sunshine: true },
    { page: 'pages/sunshine/index' },
    { event: 'sunshine_tap' },
    { image: 'img/sunshine.png' },
  ],
  orders: [{ type: 'orders' }, { page: 'pages/orders/index' }, 'orders'],
  20261121: [{ date: '20261121' }, { trade_no: '2026112100123456' }, { date: '2026-11-21' }, 'on 20261121'],
  5201314: [{ id: '5201314' }, { ids: ['5201314', '1'] }, 'id=5201314'],
  1314: [{ time: '13:14' }, { price: '13.14' }, { count: '1314' }],
  13800138000: [{ mobile: '13800138000' }, { phone: '+86 138-0013-8000' }],
  Nike: [{ brand: 'Nike' }, { title: 'NIKE Air' }, 'nike'],
  Apple: [{ brand: 'Apple', title: 'Apple iPhone 15' }, 'apple pie'],
  华为: [{ brand: '华为' }, '华为手机'],
  可口可乐: [{ brand: '可口可乐' }, '可口可乐 330ml'],
  user: [{ user: 'x', type: 'user' }, 'user guide'],
  张伟: [{ receiver: '张伟' }, { address: '张伟家' }, '收件人：张伟'],
  晴: [{ weather: '晴' }, '今天晴'],
  Lily: [{ receiver: 'Lily Wang', mobile: '13900000000' }, 'water-lily', 'lilypad'],
  爱喝茶的小张: [
    { receiver: '爱喝茶的小张', mobile: '13900000000', address: '文三路' },
    { contact: { name: '爱喝茶的小张', phone: '1' } },
    { consignee: '爱喝茶的小张', tel: '1' },
    { signature: '—— 爱喝茶的小张', message: '谢谢' },
    { 收货人: '爱喝茶的小张', 电话: '1' },
    '爱喝茶',
    { nickName: '别人' },
    { note: '请放在门口 100% 谢谢' },
  ],
};

/** Headers with ordinary protocol values; `CALLED` lists nicknames that occur in them. */
export const HEADERS = {
  'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1 AlipayClient',
  accept: 'application/json, text/plain, */*',
  'content-type': 'application/json; charset=utf-8',
  'accept-encoding': 'gzip, deflate, br',
  connection: 'keep-alive',
  'cache-control': 'no-cache',
  'accept-language': 'zh-CN,zh;q=0.9',
};
export const CALLED = [
  'Mozilla',
  'Safari',
  'iPhone',
  'application',
  'json',
  'gzip',
  'deflate',
  'alive',
  'cache',
  'charset',
  'plain',
  'Content',
];

/** Sizes in MB and alphabets of encoded pictures: a body without a nickname is refused only for its size. */
export const PICTURES = { sizes: [1, 2, 4, 8, 12], alphabets: ['standard', 'url', 'one letter', 'digits', 'hexadecimal'] };

const count = Object.values(ALARMS).reduce((sum, bodies) => sum + bodies.length, 0);
const test = (name) => `tests/attacks/page/guard.test.mjs#${name}`;

export const tried = [
  {
    group: 'false alarms',
    what: 'words, dates, ids, paths, brands and forms, for users whose nickname equals them',
    count,
    held: 'sent',
    test: test('what only looks like a nickname passes'),
  },
  {
    group: 'false alarms',
    what: "the protocol's headers, for users whose nickname equals them",
    count: CALLED.length * Object.keys(HEADERS).length,
    held: 'sent',
    test: test("the protocol's headers pass"),
  },
  {
    group: 'large bodies',
    what: 'pictures of 1 to 12 MB in five alphabets',
    count: PICTURES.sizes.length * PICTURES.alphabets.length,
    held: 'passed on below 12 MB, refused above; every call is answered',
    test: test('a large body is refused by its size alone'),
  },
];
