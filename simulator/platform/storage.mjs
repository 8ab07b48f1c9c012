import { jsonCopy } from './plain.mjs';

/**
 * The platform's limits, 200 KB a value and 10 MB in all. Whether it counts bytes or characters no source says: characters
 * here, which is assumed.
 */
const ONE_VALUE = 200 * 1024;
const ALL_VALUES = 10 * 1024 * 1024;

/** A value that is not stored: what `fail` gets, and what the call that answers at once returns. */
class StorageFault extends Error {
  constructor(error, message) {
    super(message);
    this.error = error;
  }
}

/**
 * What `my` storage does, by the names of its calls without `Sync`.
 *
 * @param {Map<string, string>} texts JSON texts by key
 * @param {(texts: Map<string, string>) => void} changed
 */
export function storageActions(texts, changed) {
  return {
    setStorage({ key, data }) {
      if (typeof key !== 'string' || key === '') throw new StorageFault(2, '必填参数为空');
      const text = JSON.stringify(data) ?? 'null';
      if (text.length > ONE_VALUE) throw new StorageFault(14, 'data长度超限');
      const others = [...texts].filter(([name]) => name !== key).reduce((total, [, value]) => total + value.length, 0);
      if (others + text.length > ALL_VALUES) throw new StorageFault(12, '存储总大小达到上限');
      texts.set(key, text);
      changed(texts);
      return { success: true };
    },
    getStorage({ key }) {
      const text = texts.get(String(key));
      return { data: text === undefined ? null : JSON.parse(text) };
    },
    removeStorage({ key }) {
      texts.delete(String(key));
      changed(texts);
      return { success: true };
    },
    clearStorage() {
      texts.clear();
      changed(texts);
      return { success: true };
    },
  };
}

/** @param {any} options @returns {{ key?: unknown, data?: unknown }} */
export function storageFields(options) {
  if (typeof options !== 'object' || options === null) return {};
  return jsonCopy({ key: options.key, data: options.data });
}

/** What a call that answers at once returns where the value is not stored. */
export function storageFailure({ error, message }) {
  return { success: false, error, errorMessage: message };
}
