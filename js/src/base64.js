const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Page logic has no `atob`.
 *
 * @param {string} text base64 with padding, as the build writes it
 * @returns {Uint8Array}
 */
export function decodeBase64(text) {
  const values = new Uint8Array(128);
  for (let index = 0; index < DIGITS.length; index += 1) values[DIGITS.charCodeAt(index)] = index;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let index = 0; index < text.length; index += 4) {
    const group =
      (values[text.charCodeAt(index)] << 18) |
      (values[text.charCodeAt(index + 1)] << 12) |
      (values[text.charCodeAt(index + 2)] << 6) |
      values[text.charCodeAt(index + 3)];
    // Writes beyond the end of a typed array are dropped: so goes the padding.
    bytes[at] = group >> 16;
    bytes[at + 1] = (group >> 8) & 0xff;
    bytes[at + 2] = group & 0xff;
    at += 3;
  }
  return bytes;
}
