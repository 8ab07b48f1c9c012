/** The part of WebAssembly that is used here: the ES2018 library has none of it, and the engine may not have it either. */
declare namespace WebAssembly {
  function instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
}
