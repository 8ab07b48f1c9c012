import { base64, bytesOf } from './body.mjs';

/** Text and bytes, by the names of encodings that the file manager takes. */

const utf8 = [new TextEncoder(), new TextDecoder('utf-8')];

const ofCharacters = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const characters = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** @type {Record<string, { encode(text: string): Uint8Array, decode(bytes: Uint8Array): string }>} */
const KINDS = {
  utf8: { encode: (text) => utf8[0].encode(text), decode: (bytes) => utf8[1].decode(bytes) },
  base64: { encode: bytesOf, decode: base64 },
  hex: {
    encode: (text) => Uint8Array.from(text.match(/[\da-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16)),
    decode: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  },
  ascii: { encode: (text) => ofCharacters(text).map((byte) => byte & 127), decode: (bytes) => characters(bytes.map((byte) => byte & 127)) },
  latin1: { encode: ofCharacters, decode: characters },
  utf16le: {
    encode: (text) => Uint8Array.from({ length: text.length * 2 }, (_, at) => text.charCodeAt(at >> 1) >> (8 * (at & 1))),
    decode: (bytes) =>
      Array.from({ length: bytes.length >> 1 }, (_, at) => String.fromCharCode(bytes[2 * at] | (bytes[2 * at + 1] << 8))).join(''),
  },
};

const NAMES = {
  ...KINDS,
  'utf-8': KINDS.utf8,
  binary: KINDS.latin1,
  ucs2: KINDS.utf16le,
  'ucs-2': KINDS.utf16le,
  'utf-16le': KINDS.utf16le,
};

/** @param {string} name @returns {{ encode(text: string): Uint8Array, decode(bytes: Uint8Array): string } | undefined} */
export function encoding(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}
