/**
 * MD5 (RFC 1321) and SHA-1 (RFC 3174) in hexadecimal. Page code needs them synchronously, which the browser's own functions are not, and the
 * Worker bundles no packages except those of the mini-program.
 */

const turn = (word, by) => (word << by) | (word >>> (32 - by));

/** Pads a message to whole blocks of 64 bytes, its length in bits last. */
function padded(bytes, isLittle) {
  const view = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6));
  new Uint8Array(view.buffer).set(bytes);
  view.setUint8(bytes.length, 0x80);
  const end = view.byteLength - 8;
  view.setUint32(isLittle ? end : end + 4, bytes.length << 3, isLittle);
  view.setUint32(isLittle ? end + 4 : end, bytes.length >>> 29, isLittle);
  return view;
}

function hexOf(words, isLittle) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, index) => view.setUint32(index * 4, word, isLittle));
  return [...new Uint8Array(view.buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const SINES = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));
const MD5_TURNS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

/** Each round's function of three words, and which word of the block its step reads. */
const MD5_ROUNDS = [
  [(b, c, d) => (b & c) | (~b & d), (step) => step],
  [(b, c, d) => (d & b) | (~d & c), (step) => (5 * step + 1) % 16],
  [(b, c, d) => b ^ c ^ d, (step) => (3 * step + 5) % 16],
  [(b, c, d) => c ^ (b | ~d), (step) => (7 * step) % 16],
];

/** @param {Uint8Array} bytes */
function md5(bytes) {
  const view = padded(bytes, true);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const [mix, place] = MD5_ROUNDS[round];
      const sum = (a + mix(b, c, d) + SINES[step] + view.getUint32(block + place(step) * 4, true)) | 0;
      [a, d, c, b] = [d, c, b, (b + turn(sum, MD5_TURNS[round][step % 4])) | 0];
    }
    [a, b, c, d].forEach((word, index) => {
      state[index] = (state[index] + word) | 0;
    });
  }
  return hexOf(state, true);
}

const SHA1_ROUNDS = [
  [(b, c, d) => (b & c) | (~b & d), 0x5a827999],
  [(b, c, d) => b ^ c ^ d, 0x6ed9eba1],
  [(b, c, d) => (b & c) | (b & d) | (c & d), 0x8f1bbcdc],
  [(b, c, d) => b ^ c ^ d, 0xca62c1d6],
];

/** @param {Uint8Array} bytes */
function sha1(bytes) {
  const view = padded(bytes, false);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let block = 0; block < view.byteLength; block += 64) {
    const words = Array.from({ length: 16 }, (_, index) => view.getUint32(block + index * 4));
    for (let step = 16; step < 80; step += 1) {
      words[step] = turn(words[step - 3] ^ words[step - 8] ^ words[step - 14] ^ words[step - 16], 1);
    }
    let [a, b, c, d, e] = state;
    for (let step = 0; step < 80; step += 1) {
      const [mix, constant] = SHA1_ROUNDS[Math.floor(step / 20)];
      [a, b, c, d, e] = [(turn(a, 5) + mix(b, c, d) + e + words[step] + constant) | 0, a, turn(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, index) => {
      state[index] = (state[index] + word) | 0;
    });
  }
  return hexOf(state, false);
}

/** @type {Record<string, (bytes: Uint8Array) => string>} by the names that `getFileInfo` takes */
export const DIGESTS = { md5, sha1 };
