/**
 * Generates typical request bodies, the same each time. None contains a value that the guard looks for.
 */

const WORDS = (
  'the of order delivery please leave at door thank you size colour blue large return address quantity product ' +
  'description coupon available customer service question about my last two shipment arrived late refund request'
).split(' ');
const PHRASES = [
  '请放在门口',
  '谢谢',
  '商品',
  '收货地址',
  '订单',
  '优惠券',
  '退款',
  '什么时候发货',
  '颜色',
  '尺码',
  '已经收到',
  '客服您好',
];

/** A random generator with the same numbers in every engine. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function text(words, separator, size) {
  const next = numbers(7);
  let made = '';
  while (made.length < size) made += words[next(words.length)] + separator(next);
  return made.slice(0, size);
}

const english = (size) => text(WORDS, (next) => (next(12) === 0 ? '. ' : ' '), size);
const chinese = (size) => text(PHRASES, (next) => (next(4) === 0 ? '，' : ''), size);

/** Orders with trade numbers, prices, notes and times. */
function orders(size) {
  const next = numbers(11);
  const list = [];
  for (let length = 0; length < size; length += 190) {
    list.push({
      trade_no: `20261121${String(next(1e9)).padStart(9, '0')}${String(next(1e9)).padStart(9, '0')}`,
      sku: `T-${next(100000)}`,
      quantity: 1 + next(5),
      price: next(100000) / 100,
      note: PHRASES[next(PHRASES.length)] + WORDS[next(WORDS.length)],
      paid: next(2) === 0,
      created_at: `2026-11-${String(1 + next(28)).padStart(2, '0')} 09:30:00`,
    });
  }
  return { list };
}

function digits(size) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const next = numbers(13);
  let made = '';
  while (made.length < size) made += alphabet[next(64)];
  return made;
}

/** The kinds of bodies by name; `plain` ones contain nothing that looks deliberately encoded. */
export const BODIES = {
  'English text': { plain: true, make: english },
  'Chinese text': { plain: true, make: chinese },
  'orders, an object': { plain: true, make: orders },
  'orders, JSON text': { plain: true, make: (size) => JSON.stringify(orders(size)) },
  'orders, JSON in JSON': { plain: false, make: (size) => JSON.stringify(JSON.stringify(orders(size * 0.9))) },
  'Chinese text, percent-encoded': { plain: false, make: (size) => encodeURIComponent(chinese(size / 9)) },
  'a picture in base64': { plain: false, make: (size) => `data:image/png;base64,${digits(size)}` },
  // Four letters of base64 hold three bytes, here themselves letters of base64.
  'a picture in base64 in base64': { plain: false, make: (size) => btoa(digits(Math.floor((size * 3) / 4))) },
  'a picture in base64 in JSON in percent': {
    plain: false,
    make: (size) => encodeURIComponent(JSON.stringify({ img: digits(size * 0.95) })),
  },
};

export const SIZES = { '1 KB': 1e3, '100 KB': 1e5, '1 MB': 1e6 };

/** Users with different nicknames. The shorter a value is, the fewer texts are too short to hide it. */
export const USERS = {
  'Chinese nickname': { nickName: '爱喝茶的小张', avatar: 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH' },
  'two characters': { nickName: '张伟', avatar: 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH' },
  'four letters': { nickName: 'Moon', avatar: 'https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH' },
};

/** Returns the size of a body in bytes, as sent. */
export function sentBytes(body) {
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  let bytes = 0;
  for (let at = 0; at < sent.length; at += 1) {
    const unit = sent.charCodeAt(at);
    // Each half of a surrogate pair stands for two of the four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}
