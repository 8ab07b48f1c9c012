import { state } from './state.mjs';

/** What the phone keeps across reloads: one record per test user, as each would have a phone of their own. */
const key = (what) => `${what}:${state.user}`;

/** `my` storage. @returns {Record<string, string>} */
export function storedTexts() {
  return JSON.parse(localStorage.getItem(key('storage')) ?? '{}');
}

/** @param {Record<string, string>} texts */
export function keepStorage(texts) {
  localStorage.setItem(key('storage'), JSON.stringify(texts));
}

/** Whether the person has agreed to the app's privacy contract. */
export function hasAgreed() {
  return localStorage.getItem(key('privacy')) === 'agreed';
}

export function keepAgreed(agreed) {
  if (agreed) localStorage.setItem(key('privacy'), 'agreed');
  else localStorage.removeItem(key('privacy'));
}

export function clearStorage() {
  localStorage.removeItem(key('storage'));
  localStorage.removeItem(key('privacy'));
}
