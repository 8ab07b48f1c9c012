/** Text encoding and decoding, which most engines of page logic lack. */

const REPLACEMENT = 0xfffd;

/** Decodes UTF-8 as the glue needs it: whole texts, with U+FFFD for malformed sequences. */
export class TextDecoder {
  /** @param {Uint8Array} [bytes] */
  decode(bytes) {
    if (!bytes) return '';
    let text = '';
    let units = [];
    for (let at = 0; at < bytes.length;) {
      const [point, length] = codePointAt(bytes, at);
      at += length;
      if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
      else units.push(point);
      if (units.length > 4096) {
        text += String.fromCharCode.apply(null, units);
        units = [];
      }
    }
    return text + String.fromCharCode.apply(null, units);
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[number, number]} the code point and its length in bytes
 */
function codePointAt(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [first, 1];
  const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xc2 && first < 0xe0 ? 1 : 0;
  if (more === 0) return [REPLACEMENT, 1];
  let point = first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const byte = bytes[at + index];
    if ((byte & 0xc0) !== 0x80) return [REPLACEMENT, index];
    point = (point << 6) | (byte & 0x3f);
  }
  const smallest = more === 3 ? 0x10000 : more === 2 ? 0x800 : 0x80;
  const valid = point >= smallest && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return [valid ? point : REPLACEMENT, more + 1];
}

/** Encodes UTF-8, with U+FFFD for unpaired surrogates. */
export class TextEncoder {
  /** @param {string} text */
  encode(text) {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.subarray(0, this.encodeInto(text, bytes).written);
  }

  /**
   * @param {string} text
   * @param {Uint8Array} bytes
   */
  encodeInto(text, bytes) {
    let written = 0;
    let read = 0;
    while (read < text.length) {
      const found = /** @type {number} */ (text.codePointAt(read));
      const point = found >= 0xd800 && found <= 0xdfff ? REPLACEMENT : found;
      const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + length > bytes.length) break;
      if (length === 1) {
        bytes[written] = point;
      } else {
        for (let index = length - 1; index > 0; index -= 1) {
          bytes[written + index] = 0x80 | ((point >> (6 * (length - 1 - index))) & 0x3f);
        }
        bytes[written] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
      }
      written += length;
      read += found > 0xffff ? 2 : 1;
    }
    return { read, written };
  }
}
