import { openChannel, send } from '../channel.mjs';
import { runPageCode } from '../report.mjs';
import { note } from './index.mjs';

/**
 * `my.createWorker`: runs a separate script, reached only by messages. The platform allows one at a time, for enterprise apps; otherwise it
 * returns nothing, and the timeline says why.
 *
 * @param {string[]} listed the scripts listed in app.json
 * @param {() => boolean} isPersonal whether the app belongs to an individual
 */
export function workerStarter(listed, isPersonal) {
  let running = false;
  return (path) => {
    const refused = refusal(path, listed, isPersonal(), running);
    note('createWorker', { path }, refused ? 'fail' : 'success', refused ? { errorMessage: refused } : {});
    if (refused) return undefined;
    running = true;
    const [mine, other] = openChannel();
    send({ type: 'create-worker', path, port: other }, [other]);
    return {
      ...messages(mine),
      terminate() {
        if (!running) return;
        running = false;
        mine.close();
        send({ type: 'terminate-worker' });
      },
    };
  };
}

function refusal(path, listed, personal, running) {
  if (personal) return 'Workers are for enterprise apps only';
  if (typeof path === 'string' && path.startsWith('/')) return `"${path}" must not begin with /`;
  if (!listed.includes(path)) return `"${path}" is not in "workers" of app.json`;
  return running ? 'a Worker is running; the platform allows one at a time: call terminate() first' : null;
}

/**
 * One end of the channel, for page code or a Worker's script. The engine queues messages until a listener is set.
 *
 * @param {MessagePort} port
 */
export function messages(port) {
  return {
    postMessage: (message) => port.postMessage(message),
    onMessage: (receive) => {
      port.onmessage = ({ data }) => void runPageCode(() => receive(data));
    },
  };
}
