// A mini-program has neither TextEncoder nor btoa.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * @param {string} text
 * @returns {number[]} its UTF-8 bytes
 */
function utf8Bytes(text) {
  return Array.from(encodeURIComponent(text).match(/%..|./g) || []).map((piece) =>
    piece.length === 3 ? parseInt(piece.slice(1), 16) : piece.charCodeAt(0),
  );
}

/**
 * Percent-encodes every byte, even letters, unlike ordinary encoders.
 *
 * @param {string} text
 */
function percentEncode(text) {
  return utf8Bytes(text)
    .map((byte) => '%' + (byte < 16 ? '0' : '') + byte.toString(16).toUpperCase())
    .join('');
}

/** @param {string} text */
function base64Encode(text) {
  const bytes = utf8Bytes(text);
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first, second = 0, third = 0] = bytes.slice(index, index + 3);
    const group = (first << 16) | (second << 8) | third;
    encoded += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    encoded += index + 1 < bytes.length ? ALPHABET[(group >> 6) & 63] : '=';
    encoded += index + 2 < bytes.length ? ALPHABET[group & 63] : '=';
  }
  return encoded;
}

module.exports = { percentEncode, base64Encode };
