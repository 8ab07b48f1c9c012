import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { setDate } from './date.mjs';

/**
 * A mini-program's Worker: a context of its own with messages and `MYWebAssembly`, without timers, console or `my`. Messages are structured
 * copies that arrive later, in order.
 */
export class WorkerThread {
  /**
   * @param {string} folder the installed package, whose `dist` stands in for the app
   * @param {import('./clock.mjs').RealClock | import('./clock.mjs').DrivenClock} clock
   */
  constructor(folder, clock) {
    this.folder = folder;
    this.clock = clock;
    this.instantiations = [];
    /** Every message that the Worker sent. */
    this.sent = [];
    this.toWorker = new Mailbox(clock);
    this.toPage = new Mailbox(clock);
    this.port = {
      postMessage: (message) => {
        this.start();
        this.toWorker.post(message);
      },
      onMessage: (receive) => this.toPage.open(receive),
    };
  }

  /** The script runs when the first message arrives, so its own actions would be seen as late. */
  start() {
    if (this.context) return;
    this.context = vm.createContext({}, { codeGeneration: { strings: false, wasm: true } });
    setDate(this.context, this.clock);
    const { WebAssembly } = vm.runInContext('({ WebAssembly })', this.context);
    vm.runInContext('delete this.WebAssembly; delete this.console;', this.context);
    this.context.worker = {
      postMessage: (message) => {
        this.sent.push(message);
        this.toPage.post(message);
      },
      onMessage: (receive) => this.toWorker.open(receive),
    };
    this.context.MYWebAssembly = {
      instantiate: async (file, imports) => {
        if (!file.startsWith('/')) throw new Error(`${file} is not an absolute path`);
        const bytes = readFileSync(path.join(this.folder, 'dist', file));
        this.instantiations.push(bytes.length);
        const result = await this.clock.during(WebAssembly.instantiate(bytes, imports));
        // Some versions resolve to the instance itself.
        return this.instantiations.length % 2 === 1 ? result.instance : { instance: result.instance };
      },
    };
    const script = path.join(this.folder, 'dist', 'workers', 'miniauth.js');
    vm.runInContext(readFileSync(script, 'utf8'), this.context, { filename: script });
  }
}

/** Queues messages until there is a listener. */
class Mailbox {
  constructor(clock) {
    this.clock = clock;
    this.kept = [];
  }

  open(receive) {
    this.receive = receive;
    this.kept.forEach((copy) => this.deliver(copy));
    this.kept = [];
  }

  post(message) {
    const copy = structuredClone(message);
    if (this.receive) this.deliver(copy);
    else this.kept.push(copy);
  }

  deliver(copy) {
    this.clock.begin();
    setImmediate(() => {
      try {
        this.receive(copy);
      } finally {
        this.clock.end();
      }
    });
  }
}
