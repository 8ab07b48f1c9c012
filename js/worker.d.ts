/**
 * miniauth with its module in a Worker, the way that the platform documents for WebAssembly: `miniauth/worker`.
 *
 * The app copies the package's folder `dist/workers` as `workers`, lists `workers/miniauth.js` in `workers` of its app.json,
 * keeps both files as they are (mini.project.json: `"transpile": { "script": { "ignore": ["workers/**"] } }` and
 * `"assetsInclude": ["**\/*.wasm"]`), and passes the Worker in.
 */

import { Auth, CreateAuthOptions, GuardReport } from './miniauth.js';

export * from './miniauth.js';

/** Makes the client of one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateWorkerAuthOptions): WorkerAuth;

export interface CreateWorkerAuthOptions extends CreateAuthOptions {
  /** `my.createWorker('workers/miniauth.js')`. It may serve several clients; the platform allows one Worker at a time. */
  worker: {
    postMessage(message: object): void;
    onMessage(receive: (message: any) => void): void;
  };
  /** Where the module is, as an absolute path in the app's package. Default `/workers/miniauth.wasm`. */
  wasm?: string;
}

/** The same surface; only `guard` differs. Display information is held by the page, for `renderTo` shows it at once. */
export interface WorkerAuth extends Auth {
  /**
   * As on the other hosts, for calls that answer by callback: each waits for the Worker's check, and what it returns passes
   * method calls on to the platform's own object. A call that answers at once (`setStorageSync`) cannot wait and is named
   * in `uncovered`; with `whenUnsure: 'refuse'` it throws `display_only_unchecked` as soon as display information is known.
   */
  guard(options?: GuardOptions): Promise<GuardReport>;
}

export interface GuardOptions {
  /** What becomes of calls that cannot be checked. Default `allow`. */
  whenUnsure?: 'allow' | 'refuse';
}
