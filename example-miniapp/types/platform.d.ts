// What a mini-program has and @mini-types/alipay lacks.

declare namespace my {
  /** No longer maintained and missing from the typings; DingTalk has only this one. */
  function httpRequest(options: Record<string, unknown>): { abort(): void };

  /** Replaced by getOpenUserInfo and missing from the typings; still present in the app. */
  function getAuthUserInfo(options: {
    success?(result: { nickName?: string; avatar?: string }): void;
    fail?(failure: { error?: number; errorMessage?: string }): void;
    complete?(): void;
  }): void;
}

/** Undocumented outside Workers, but present in the IDE's simulator and on iOS. Only its presence is checked. */
declare const WebAssembly: object | undefined;

// Only some engines have these; the probe checks with `typeof`.
declare const MYWebAssembly: object | undefined;
declare const BigInt: object | undefined;
declare const TextDecoder: object | undefined;
declare const crypto: object | undefined;
declare const queueMicrotask: object | undefined;

declare function setTimeout(callback: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;
declare const console: Record<'info' | 'log' | 'warn' | 'error', (...values: unknown[]) => void>;
declare const module: { exports: unknown };
