/** `miniauth/wasm`: miniauth as WebAssembly in page logic, without the plain JavaScript. */

import { Auth, CreateAuthOptions } from './miniauth.js';

export * from './miniauth.js';

/** Creates the client for one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateWasmAuthOptions): Auth;

export interface CreateWasmAuthOptions extends CreateAuthOptions {
  /**
   * Loads `miniauth/plain-module`, for phones without WebAssembly: `() => import('miniauth/plain-module')`, or code that loads a file of a
   * sub-package. Called only if WebAssembly cannot be used; it gets 30 seconds.
   */
  plain?: () => PromiseLike<unknown>;
}
