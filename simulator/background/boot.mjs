import { onUncaught, receive, send } from '../worker/channel.mjs';
import { defineGlobals, LANGUAGE, removeForbiddenGlobals } from '../worker/globals.mjs';
import { messages } from '../worker/my/worker.mjs';
import { reportError, runPageCode } from '../worker/report.mjs';

/**
 * Starts the Worker that `my.createWorker` created. It gets messages, `MYWebAssembly` and random numbers, and nothing else of the platform.
 *
 * @param {() => void} script runs the mini-program's script
 */
export function boot(script) {
  onUncaught(reportError);
  const { crypto } = self;
  const MYWebAssembly = createMyWebAssembly(self.WebAssembly);
  removeForbiddenGlobals(LANGUAGE);
  receive({
    start: ({ port }) => {
      const getRandomValues = (array) => crypto.getRandomValues(array);
      defineGlobals({ worker: messages(port), MYWebAssembly, crypto: { getRandomValues } });
      runPageCode(script);
    },
    module: answerModule,
  });
  send({ type: 'ready' });
}

/** Pending requests for a module's bytes, by number. */
const waiting = new Map();
let nextId = 1;

/**
 * Builds `MYWebAssembly`: like `WebAssembly`, but it loads a module by its absolute path in the mini-program's package.
 *
 * @param {typeof WebAssembly} native
 */
function createMyWebAssembly({ instantiate, Memory, Table, Global, Instance }) {
  return {
    Memory,
    Table,
    Global,
    Instance,
    instantiate: async (path, imports) => {
      if (typeof path !== 'string' || !path.startsWith('/')) {
        throw new TypeError(`MYWebAssembly.instantiate takes an absolute path in the package, not ${String(path)}`);
      }
      const { instance } = await instantiate(await bytesOf(path), imports);
      return { instance };
    },
  };
}

/** Handles the host's answer to a request for a module. */
function answerModule({ id, bytes, error }) {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (bytes) resolve(bytes);
  else reject(new Error(error));
}

function bytesOf(path) {
  return new Promise((resolve, reject) => {
    const id = nextId;
    nextId += 1;
    waiting.set(id, { resolve, reject });
    send({ type: 'module', id, path });
  });
}
