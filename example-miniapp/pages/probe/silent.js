// Finds out what needs no panel. Each check returns the answer of one row, or undefined if it cannot tell.
const { attempt, taken } = require('./attempt');
const { settle } = require('./report');

/** @typedef {import('./report').Report} Report */

/** The limit of a stored value is 200 KB, of either unit. */
const LONGER_THAN_ALLOWED = 300000;
const ALLOWED_IN_CHARACTERS_ALONE = 100000;
const KEY = 'miniauth-probe';

/**
 * @param {Report} report
 * @param {ViewEvent} tap the tap that started the check
 */
async function settleSilently(report, tap) {
  settle(report, 'event-time-stamp', Math.abs(Date.now() - tap.timeStamp) < 60000 ? 'epoch' : 'relative');
  settleEngine(report);
  report.calls = functionsOf(my);
  settle(report, 'auth-user-info', typeof my.getAuthUserInfo === 'function' ? 'there' : 'absent');
  settle(report, 'guard-replaces', canReplace() ? 'yes' : 'no');
  settle(report, 'storage-sync-fails', howSyncStorageFails());
  settle(report, 'storage-units', await unitsOfStorage());
}

/** @param {Report} report */
function settleEngine(report) {
  const there = {
    'engine-web-assembly': typeof WebAssembly,
    'engine-my-web-assembly': typeof MYWebAssembly,
    'engine-global-this': typeof globalThis,
    'engine-big-int': typeof BigInt,
    'engine-text-decoder': typeof TextDecoder,
    'engine-crypto': typeof crypto,
    'engine-queue-microtask': typeof queueMicrotask,
  };
  Object.entries(there).forEach(([row, type]) => settle(report, row, type === 'undefined' ? 'absent' : 'there'));
}

/** @param {object} platform */
function functionsOf(platform) {
  const all = /** @type {Record<string, unknown>} */ (platform);
  const names = Object.keys(all).filter((name) => /^\w{1,60}$/.test(name) && typeof all[name] === 'function');
  return names.sort();
}

/** Replaces a function temporarily. */
function canReplace() {
  const platform = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (my));
  const original = platform.request;
  const other = () => original;
  const replace = () => {
    platform.request = other;
    const replaced = platform.request === other;
    platform.request = original;
    return replaced;
  };
  return attempt(replace, () => false);
}

function howSyncStorageFails() {
  const store = () => {
    const answer = /** @type {unknown} */ (my.setStorageSync({ key: KEY, data: 'x'.repeat(LONGER_THAN_ALLOWED) }));
    const { error, success } = /** @type {{ error?: unknown, success?: unknown }} */ (answer || {});
    my.removeStorageSync({ key: KEY });
    return error !== undefined || success === false ? 'return' : 'stored';
  };
  return attempt(store, () => 'throw');
}

/** Stores a text that is too long in bytes but not in characters. @returns {Promise<string | undefined>} */
function unitsOfStorage() {
  return new Promise((resolve) => {
    taken(
      my.setStorage({
        key: KEY,
        data: '字'.repeat(ALLOWED_IN_CHARACTERS_ALONE),
        success: () => {
          my.removeStorageSync({ key: KEY });
          resolve('characters');
        },
        fail: (/** @type {{ error?: number }} */ failure) => resolve(failure && failure.error === 14 ? 'bytes' : undefined),
      }),
    );
  });
}

module.exports = { settleSilently };
