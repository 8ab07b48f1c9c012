import { CallFault } from './call-fault.mjs';
import { jsonCopy } from './plain.mjs';

/**
 * Returns the actions of `my`'s storage calls, by name without `Sync`.
 *
 * @param {Map<string, string>} texts JSON texts by key
 * @param {(texts: Map<string, string>) => void} changed
 * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
 */
export function storageActions(texts, changed, facts) {
  const { limits } = facts.call('setStorage');
  const fault = (number) => CallFault.of(facts, 'setStorage', number);
  // No source says whether the platform counts bytes or characters; characters are assumed.
  const [oneValue, allValues] = [limits.value_kilobytes * 1024, limits.total_kilobytes * 1024];
  return {
    setStorage({ key, data }) {
      if (typeof key !== 'string' || key === '') throw fault(2);
      const text = JSON.stringify(data) ?? 'null';
      if (text.length > oneValue) throw fault(14);
      const others = [...texts].filter(([name]) => name !== key).reduce((total, [, value]) => total + value.length, 0);
      if (others + text.length > allValues) throw fault(12);
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
