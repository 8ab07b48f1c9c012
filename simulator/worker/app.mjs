import { notice, runPageCode } from './report.mjs';

/** What was given to `App()`, which must be called once, and the calls of its life. */
export class RunningApp {
  /** @param {Record<string, boolean>} known what the platform calls, and whether it is simulated */
  constructor(known) {
    this.known = known;
    this.instance = undefined;
  }

  register(options = {}) {
    if (this.instance) throw new Error('App() is called twice: the platform takes it once');
    this.instance = options;
    for (const name of Object.keys(options)) if (this.known[name] === false) notice(`the simulator never calls ${name} of the app`);
  }

  /** Calls what the app has for an event of its life. */
  fire(name, ...values) {
    if (this.has(name)) runPageCode(() => this.instance[name](...values));
  }

  has(name) {
    return typeof this.instance?.[name] === 'function';
  }

  /** Page code threw. An `onError` that throws is not called again for that. */
  error(error) {
    if (this.handling) return;
    this.handling = true;
    const isError = error instanceof Error;
    this.fire('onError', isError ? error.message : String(error), isError ? error.stack : undefined);
    this.handling = false;
  }

  rejection(reason, promise) {
    this.fire('onUnhandledRejection', { reason, promise });
  }
}
