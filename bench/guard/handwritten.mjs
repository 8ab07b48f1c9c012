/**
 * A hand-written search in JavaScript: walks the data, looks for the values in every string, decodes encoded strings and looks
 * again, two levels deep. It has no bound on its work and reports no place.
 */

const SHORT = 4;
const NAMES = /nick|avatar|user_?info|head_?img|displayinfo|昵称|头像/i;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
const CONTROLS = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' };
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128);
for (let index = 0; index < 64; index += 1) VALUES[DIGITS.charCodeAt(index)] = index;
VALUES[45] = 62;
VALUES[95] = 63;

/** @param {{ nickName: string, avatar: string }} user */
export function handwrittenGuard({ nickName, avatar }) {
  const bytesOf = (value) => unescape(encodeURIComponent(value));
  const address = avatar.replace(/^\w+:\/\//, '');
  // In decoded bytes it looks for the value's UTF-8, one character per byte.
  const telling = [address, bytesOf(address)];
  const named = [];
  (nickName.length < SHORT ? named : telling).push(nickName, bytesOf(nickName));
  const shortest = Math.min(...telling.map((value) => value.length), ...named.map((value) => 'nick'.length + value.length));
  const runs = new RegExp(`[\\w+/-]{${Math.ceil((shortest * 4) / 3)},}`, 'g');

  function inText(text, underName, depth) {
    if (telling.some((value) => text.includes(value))) return true;
    if (named.length > 0 && (underName || NAMES.test(text)) && named.some((value) => text.includes(value))) return true;
    if (depth === 2) return false;
    if (/[\\%&]/.test(text)) {
      const plain = unescaped(text);
      if (plain !== text && inText(plain, underName, depth + 1)) return true;
    }
    const found = text.match(runs);
    if (!found) return false;
    return found.some((run) => {
      for (let skip = 0; skip < 4; skip += 1) if (inText(fromBase64(run, skip), underName, depth + 1)) return true;
      return /^[0-9a-f]+$/i.test(run) && [0, 1].some((skip) => inText(fromHexadecimal(run, skip), underName, depth + 1));
    });
  }

  function inValue(value, underName) {
    if (typeof value === 'string') return inText(value, underName, 0);
    if (typeof value !== 'object' || value === null) return false;
    return Object.keys(value).some((name) => inText(name, underName, 0) || inValue(value[name], underName || NAMES.test(name)));
  }
  return (value) => inValue(value, false);
}

function unescaped(text) {
  return text.replace(
    /\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["\\/nrtbfv0])|%u([0-9a-f]{4})|((?:%[0-9a-f]{2})+)|&#x([0-9a-f]{1,6});?|&#(\d{1,7});?|&(amp|lt|gt|quot|apos|nbsp);?/gi,
    (all, json, byte, control, percentUnit, percent, hexadecimal, decimal, entity) => {
      if (json || byte || percentUnit) return String.fromCharCode(parseInt(json || byte || percentUnit, 16));
      if (control) return CONTROLS[control] || control;
      if (percent) {
        try {
          return decodeURIComponent(percent);
        } catch {
          return unescape(percent);
        }
      }
      if (entity) return ENTITIES[entity.toLowerCase()];
      const point = hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}

function fromBase64(run, skip) {
  let bytes = [];
  let text = '';
  for (let at = skip; at + 1 < run.length; at += 4) {
    const group =
      (VALUES[run.charCodeAt(at)] << 18) |
      (VALUES[run.charCodeAt(at + 1)] << 12) |
      ((VALUES[run.charCodeAt(at + 2)] || 0) << 6) |
      (VALUES[run.charCodeAt(at + 3)] || 0);
    bytes.push(group >> 16, (group >> 8) & 255, group & 255);
    if (bytes.length > 4096) {
      text += String.fromCharCode.apply(null, bytes);
      bytes = [];
    }
  }
  return text + String.fromCharCode.apply(null, bytes);
}

function fromHexadecimal(run, skip) {
  let text = '';
  for (let at = skip; at + 1 < run.length; at += 2) text += String.fromCharCode(parseInt(run.slice(at, at + 2), 16));
  return text;
}
