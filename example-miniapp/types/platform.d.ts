// What @mini-types/alipay lacks and a mini-program has.

declare namespace my {
  /** Not maintained any more, and left out of the typings; DingTalk has only this one. */
  function httpRequest(options: Record<string, unknown>): { abort(): void };

  /** Replaced by getOpenUserInfo, and left out of the typings; still there in the app. */
  function getAuthUserInfo(options: {
    success?(result: { nickName?: string; avatar?: string }): void;
    fail?(failure: { error?: number; errorMessage?: string }): void;
    complete?(): void;
  }): void;
}

/** Undocumented outside Workers, there in the IDE's simulator and on iOS. Only its presence is asked for. */
declare const WebAssembly: object | undefined;

// What some engines have and some have not; the probe asks with `typeof`.
declare const MYWebAssembly: object | undefined;
declare const BigInt: object | undefined;
declare const TextDecoder: object | undefined;
declare const crypto: object | undefined;
declare const queueMicrotask: object | undefined;

declare function setTimeout(callback: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;
declare const console: Record<'info' | 'log' | 'warn' | 'error', (...values: unknown[]) => void>;
declare const module: { exports: unknown };
