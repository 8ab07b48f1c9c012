import { send } from '../channel.mjs';
import { jsonCopy } from '../plain.mjs';
import { noteCall, settleLater } from './call.mjs';

/** The platform's limits: characters of one value, and of all values together. */
const ONE_VALUE = 200 * 1024;
const ALL_VALUES = 10 * 1024 * 1024;

/**
 * `my` storage. It lives in the Worker, so that the synchronous calls can answer; the host keeps a copy across reloads.
 * @param {Record<string, string>} kept JSON texts by key, from an earlier run
 */
export function createStorage(kept) {
  const texts = new Map(Object.entries(kept));
  const publish = () => send({ type: 'storage', texts: Object.fromEntries(texts) });

  const actions = {
    setStorage({ key, data }) {
      const text = JSON.stringify(data) ?? 'null';
      if (typeof key !== 'string' || key === '') throw new TypeError('storage needs a key');
      if (text.length > ONE_VALUE) throw new RangeError(`the value of "${key}" is over ${ONE_VALUE} characters`);
      const others = [...texts].filter(([name]) => name !== key).reduce((total, [, value]) => total + value.length, 0);
      if (others + text.length > ALL_VALUES) throw new RangeError(`storage is full (${ALL_VALUES} characters)`);
      texts.set(key, text);
      publish();
      return {};
    },
    getStorage({ key }) {
      const text = texts.get(String(key));
      return { data: text === undefined ? null : JSON.parse(text) };
    },
    removeStorage({ key }) {
      texts.delete(String(key));
      publish();
      return {};
    },
    clearStorage() {
      texts.clear();
      publish();
      return {};
    },
  };

  const calls = {};
  for (const [name, action] of Object.entries(actions)) {
    calls[name] = (options) => {
      const fields = storageFields(options);
      try {
        settleLater(
          options,
          'success',
          noteCall(name, fields, () => action(fields)),
        );
      } catch (error) {
        settleLater(options, 'fail', { error: 2, errorMessage: error.message });
      }
    };
    calls[`${name}Sync`] = (options) => {
      const fields = storageFields(options);
      return noteCall(`${name}Sync`, fields, () => action(fields));
    };
  }
  return calls;
}

function storageFields(options) {
  if (typeof options !== 'object' || options === null) return {};
  return jsonCopy({ key: options.key, data: options.data });
}
