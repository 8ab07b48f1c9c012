/**
 * A promise that the platform returned beside `fail`, and that nobody took: the tests find it as an unhandled rejection, which
 * the runner takes for a failure. Page code that takes its failures through `fail` alone is none of the package's.
 */
export function watchPromise() {}
