/** The module as plain JavaScript, which `createAuth` of `miniauth/wasm` takes as `plain`: `miniauth/plain-module`. */

/** Tells whether it belongs to the `miniauth/wasm` that is asked to use it. */
export const checksum: number;

/** For `miniauth/wasm` alone. */
export function instantiate(imports: object): object;
