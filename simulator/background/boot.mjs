import { onUncaught, receive, send } from '../worker/channel.mjs';
import { defineGlobals, LANGUAGE, removeForbiddenGlobals } from '../worker/globals.mjs';
import { messages } from '../worker/my/worker.mjs';
import { reportError, runPageCode } from '../worker/report.mjs';
import { answerModule, createMyWebAssembly } from './my-web-assembly.mjs';

/**
 * Starts the Worker that `my.createWorker` made: messages, `MYWebAssembly` and random numbers, and nothing else of the
 * platform.
 *
 * @param {() => void} script evaluates the mini-program's script
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
