/** `miniauth/plain-module`: the module as plain JavaScript, for the `plain` option of `miniauth/wasm`. */

/** Must match the `miniauth/wasm` that uses the module. */
export const checksum: number;

/** For `miniauth/wasm` only. */
export function instantiate(imports: object): object;
