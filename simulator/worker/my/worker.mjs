import { openChannel, send } from '../channel.mjs';
import { runPageCode } from '../report.mjs';
import { noteCall } from './call.mjs';

/**
 * `my.createWorker`: a script of its own, reached by messages alone. The platform allows one at a time; here it lives until
 * the mini-program is started again.
 *
 * @param {string[]} listed the scripts that app.json lists
 */
export function workerStarter(listed) {
  let running = false;
  return (path) => {
    noteCall('createWorker', { path }, () => {
      if (!listed.includes(path)) throw new Error(`my.createWorker: "${path}" is not in "workers" of app.json`);
      if (running) throw new Error('my.createWorker: a Worker is running, and the platform allows one at a time');
      running = true;
    });
    const [mine, other] = openChannel();
    send({ type: 'create-worker', path, port: other }, [other]);
    return messages(mine);
  };
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
