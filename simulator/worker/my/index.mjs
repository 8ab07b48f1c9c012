import { callHost, noteCall } from './call.mjs';
import { canIUse } from './can-i-use.mjs';
import { callsOf } from './names.mjs';
import { navigationCalls } from './navigation.mjs';
import { createRequest } from './request.mjs';
import { createStorage } from './storage.mjs';
import { workerStarter } from './worker.mjs';

const HOST_CALLS = ['getAuthCode', 'getAuthUserInfo', 'getOpenUserInfo', 'alert', 'showToast'];

/**
 * The platform object of the mini-program: plain functions on a plain object, that page code may replace as it may there.
 *
 * @param {object} parts
 * @param {'current' | 'legacy'} parts.generation
 * @param {Record<string, string>} parts.storage JSON texts by key, from an earlier run
 * @param {object} parts.systemInfo
 * @param {import('../navigation.mjs').Navigation} parts.navigation
 * @param {string[]} parts.workers the scripts that app.json lists
 */
export function createMy({ generation, storage, systemInfo, navigation, workers }) {
  const names = callsOf(generation);
  const all = {
    ...Object.fromEntries(HOST_CALLS.map((name) => [name, (options) => void callHost(name, options)])),
    ...navigationCalls(navigation),
    ...createStorage(storage),
    httpRequest: createRequest('httpRequest'),
    request: createRequest('request'),
    createWorker: workerStarter(workers),
    canIUse: (name) => noteCall('canIUse', { name }, () => canIUse(name, names)),
    getSystemInfoSync: () => noteCall('getSystemInfoSync', {}, () => ({ ...systemInfo })),
  };
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
