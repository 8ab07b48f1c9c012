import { alphabet, checksum, size, text } from '../../generated/module.js';

/**
 * The bytes of the module, a character each. A tool that took this file for anything but UTF-8 would have an engine compile
 * something else: that is found here.
 *
 * @returns {Uint8Array}
 */
export function moduleBytes() {
  if (text.length !== size || alphabet.length !== 256) throw damaged();
  const values = [];
  for (let byte = 0; byte < 256; byte += 1) values[alphabet.charCodeAt(byte)] = byte;
  const bytes = new Uint8Array(size);
  let sum = 0;
  let sums = 0;
  for (let at = 0; at < size; at += 1) {
    const byte = values[text.charCodeAt(at)];
    bytes[at] = byte;
    sum += byte;
    sums += sum;
  }
  if (sums !== checksum) throw damaged();
  return bytes;
}

/** Each letter that is not ASCII is two characters in Latin-1, the first of which is one of these. */
const IN_LATIN_1 = /[\u00c9\u00ca]/;

function damaged() {
  const how = IN_LATIN_1.test(alphabet) ? 'was read as Latin-1' : 'was changed, or not read as UTF-8';
  return new Error(`the module's text inside the package ${how}: it is UTF-8`);
}
