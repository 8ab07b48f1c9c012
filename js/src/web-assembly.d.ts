/** The part of WebAssembly that is used here: ES2018's library does not declare it, and the engine may lack it. */
declare namespace WebAssembly {
  function instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
}
