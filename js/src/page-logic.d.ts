/** The globals of page logic that are used here, besides the language itself. */

declare function setTimeout(handler: (...passed: any[]) => void, millis: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const console: { error(...what: unknown[]): void };
