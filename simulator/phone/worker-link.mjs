import { fetchBytes } from './api.mjs';
import { record } from './timeline.mjs';

/** The Worker that runs the page logic. */
let worker = null;

/**
 * Starts the page logic's Worker.
 *
 * @param {string} address of the Worker's script
 * @param {{ onMessage(message: any): void, onBroken(message: string): void }} handlers
 *   `onBroken` is called if the script itself cannot run
 */
export function connect(address, { onMessage, onBroken }) {
  const own = new Worker(address);
  worker = own;
  // Messages of a replaced Worker are ignored.
  worker.addEventListener('message', ({ data }) => own === worker && onMessage(data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    onBroken(event.message || 'the page logic could not be started');
  });
}

/** @param {{ type: string, [field: string]: unknown }} message */
export function tell(message) {
  worker.postMessage(message);
}

/** Returns a `tell` bound to the current Worker, not to its successor: for answers. @returns {typeof tell} */
export function line() {
  const own = worker;
  return (message) => own.postMessage(message);
}

export function disconnect() {
  worker?.terminate();
}

/**
 * Starts a Worker for page logic. The two talk to each other directly; the host only supplies its modules, since it has no network.
 *
 * @param {string} address of the script
 * @param {MessagePort} port its end of the channel to page logic
 * @param {(error: { message: string, stack: string }) => void} onError
 * @returns {() => void} stops it
 */
export function startBackgroundWorker(address, port, onError) {
  const background = new Worker(address);
  const onMessage = {
    ready: () => background.postMessage({ type: 'start', port }, [port]),
    error: onError,
    module: async ({ id, path }) => {
      const entry = record('platform-call', { name: 'MYWebAssembly.instantiate', fields: { path }, outcome: 'pending' });
      try {
        const bytes = await fetchBytes(`modules${path}`);
        Object.assign(entry, { outcome: 'success', result: { bytes: bytes.byteLength } });
        background.postMessage({ type: 'module', id, bytes }, [bytes]);
      } catch (error) {
        Object.assign(entry, { outcome: 'fail', result: { errorMessage: error.message } });
        background.postMessage({ type: 'module', id, error: error.message });
      }
    },
  };
  background.addEventListener('message', ({ data }) => void onMessage[data.type](data));
  background.addEventListener('error', (event) => {
    event.preventDefault();
    onError({ message: event.message || 'the Worker could not be started', stack: '' });
  });
  return () => background.terminate();
}
