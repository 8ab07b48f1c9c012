import { state } from './state.mjs';

/** `my` storage across reloads: one record per test user, as each would have a phone of their own. */
const key = () => `storage:${state.user}`;

/** @returns {Record<string, string>} */
export function storedTexts() {
  return JSON.parse(localStorage.getItem(key()) ?? '{}');
}

/** @param {Record<string, string>} texts */
export function keepStorage(texts) {
  localStorage.setItem(key(), JSON.stringify(texts));
}

export function clearStorage() {
  localStorage.removeItem(key());
}
