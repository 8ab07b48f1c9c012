import { creator } from '../create-auth.js';
import { optionsInvalid } from '../error.js';
import { taken } from '../options.js';
import { Host } from '../start.js';
import { putRemoteGuard } from '../worker/guard.js';
import { instantiateRemote } from '../worker/remote.js';

/** The module's path if the app copies the package's `workers` folder unchanged. */
const WASM = '/workers/miniauth.wasm';

/** @param {any} options */
export function createAuth(options) {
  const { worker, wasm = WASM } = taken(() => ({ ...options }));
  if (!worker || taken(() => typeof worker.postMessage !== 'function' || typeof worker.onMessage !== 'function')) {
    throw optionsInvalid('createAuth: worker must be the Worker that my.createWorker(path) returns');
  }
  if (typeof wasm !== 'string' || wasm[0] !== '/') throw optionsInvalid('createAuth: wasm must be an absolute path in the package');
  return creator(new Host(() => instantiateRemote(worker, wasm), putRemoteGuard, worker, ['worker', 'wasm']))(options);
}

export { MiniauthError } from '../error.js';
