/**
 * The `my` calls of this simulator's subset, by name. The compiler refuses a call of any other; the Worker offers these.
 */
const EVERYWHERE = [
  'getAuthCode',
  'getAuthUserInfo',
  'httpRequest',
  'alert',
  'showToast',
  'canIUse',
  'getSystemInfoSync',
  'setStorage',
  'setStorageSync',
  'getStorage',
  'getStorageSync',
  'removeStorage',
  'removeStorageSync',
  'clearStorage',
  'clearStorageSync',
  'navigateTo',
  'redirectTo',
  'navigateBack',
  'switchTab',
  'reLaunch',
];

const CURRENT_ONLY = ['getOpenUserInfo', 'request', 'createWorker'];

/** Calls of any generation of the platform. */
export const MY_CALLS = [...EVERYWHERE, ...CURRENT_ONLY];

/**
 * @param {'current' | 'legacy'} generation `legacy` has no `request`, `getOpenUserInfo` and `createWorker`
 * @returns {string[]}
 */
export function callsOf(generation) {
  return generation === 'legacy' ? EVERYWHERE : MY_CALLS;
}
