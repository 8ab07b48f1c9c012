/** miniauth as WebAssembly in page logic, without the plain JavaScript: `miniauth/wasm`. */

import { Auth, CreateAuthOptions } from './miniauth.js';

export * from './miniauth.js';

/** Makes the client of one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateWasmAuthOptions): Auth;

export interface CreateWasmAuthOptions extends CreateAuthOptions {
  /**
   * Fetches `miniauth/plain-module`, for phones without WebAssembly: `() => import('miniauth/plain-module')`, or what loads a file of
   * a sub-package. It is called only where WebAssembly cannot be used, and gets 30 seconds.
   */
  plain?: () => PromiseLike<unknown>;
}
