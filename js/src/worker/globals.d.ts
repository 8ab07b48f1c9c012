/** What a Worker of a mini-program has. */
declare const worker: import('./line.js').Port;

/** The platform's WebAssembly. Some versions answer with the instance itself. */
declare namespace MYWebAssembly {
  function instantiate(
    path: string,
    imports: object,
  ): Promise<{ exports: object; instance?: undefined } | { instance: { exports: object } }>;
}
