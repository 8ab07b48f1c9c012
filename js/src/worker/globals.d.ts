/** The globals of a mini-program's Worker. */
declare const worker: import('./line.js').Port;

/** The platform's WebAssembly. Some versions resolve to the instance itself. */
declare namespace MYWebAssembly {
  function instantiate(
    path: string,
    imports: object,
  ): Promise<{ exports: object; instance?: undefined } | { instance: { exports: object } }>;
}
