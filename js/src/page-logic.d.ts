/** What page logic has besides the language itself, as far as it is used here. */

declare function setTimeout(handler: (...passed: any[]) => void, millis: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const console: { error(...what: unknown[]): void };
