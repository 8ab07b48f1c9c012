import { optionsInvalid } from './error.js';

/** @type {WeakMap<DisplayInfo, { values: any, redaction: string }>} */
const held = new WeakMap();

/**
 * Display information as the page holds it: `renderTo` is the only way out. The values are in no property: it prints and serialises as a
 * redacted text, which the guard recognises, and cannot be posted.
 */
export class DisplayInfo {
  /**
   * @param {{ nickName: string | null, avatar: string | null }} values
   * @param {string} redaction
   */
  constructor(values, redaction) {
    held.set(this, { values, redaction });
  }

  /**
   * @param {any} target
   * @param {string} [key]
   */
  renderTo(target, key) {
    const { nickName, avatar } = reveal(this).values;
    if (typeof target === 'function') {
      target({ nickName, avatar });
    } else if (target && typeof target.setData === 'function' && typeof key === 'string') {
      target.setData({ [key]: { nickName, avatar } });
    } else {
      throw optionsInvalid('renderTo: pass a page and the name of a field of its data, or a function');
    }
  }

  toJSON() {
    return reveal(this).redaction;
  }

  toString() {
    return reveal(this).redaction;
  }
}

/**
 * @param {DisplayInfo} info
 * @returns {{ values: any, redaction: string }}
 */
export function reveal(info) {
  const found = held.get(info);
  if (!found) throw optionsInvalid('this is not a DisplayInfo: call its methods on the result of getAuthUserInfo()');
  return found;
}
