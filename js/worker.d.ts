/**
 * `miniauth/worker`: miniauth with its module in a Worker, the platform's documented way to use WebAssembly.
 * The app copies the package's folder `dist/workers` as `workers`, lists `workers/miniauth.js` in `workers` of app.json, keeps both files
 * unchanged (mini.project.json: `"transpile": { "script": { "ignore": ["workers/**"] } }` and `"assetsInclude": ["**\/*.wasm"]`), and
 * passes in the Worker.
 */

import { Auth, CreateAuthOptions, GuardReport } from './miniauth.js';

export * from './miniauth.js';

/** Creates the client for one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateWorkerAuthOptions): WorkerAuth;

export interface CreateWorkerAuthOptions extends CreateAuthOptions {
  /** `my.createWorker('workers/miniauth.js')`. It may serve several clients; the platform allows one Worker at a time. */
  worker: {
    postMessage(message: object): void;
    onMessage(receive: (message: any) => void): void;
  };
  /** The module's absolute path in the app's package. Default `/workers/miniauth.wasm`. */
  wasm?: string;
}

/** The same interface; only `guard` differs. The page holds display information, because `renderTo` shows it synchronously. */
export interface WorkerAuth extends Auth {
  /**
   * As elsewhere for calls that answer by callback: each waits for the Worker's check, and the object it returns forwards method calls to
   * the platform's own. A call that answers synchronously (`setStorageSync`) cannot wait and is listed in `uncovered`; with `whenUnsure:
   * 'refuse'` it throws `display_only_unchecked` as soon as display information is known.
   */
  guard(options?: GuardOptions): Promise<GuardReport>;
}

export interface GuardOptions {
  /** What to do with calls that cannot be checked. Default `allow`. */
  whenUnsure?: 'allow' | 'refuse';
}
