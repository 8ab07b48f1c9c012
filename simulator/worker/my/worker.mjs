import { openChannel, send } from '../channel.mjs';
import { runPageCode } from '../report.mjs';
import { note } from './index.mjs';

/**
 * `my.createWorker`: a script of its own, reached by messages alone. The platform allows one at a time, for enterprise apps;
 * where it cannot, it returns nothing, and the timeline says why.
 *
 * @param {string[]} listed the scripts that app.json lists
 * @param {() => boolean} isPersonal whether the app is a person's
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
  if (personal) return 'only an enterprise app has Workers';
  if (typeof path === 'string' && path.startsWith('/')) return `"${path}" must not begin with /`;
  if (!listed.includes(path)) return `"${path}" is not in "workers" of app.json`;
  return running ? 'a Worker is running, and the platform allows one at a time: end it with terminate()' : null;
}

/**
 * One end, as page code and a Worker's script get it. What arrives before anybody listens is kept by the engine.
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
