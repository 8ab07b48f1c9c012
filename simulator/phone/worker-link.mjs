import { fetchBytes } from './api.mjs';
import { record } from './timeline.mjs';

/** The Worker that runs the page logic, for whoever has something to tell it. */
let worker = null;

/**
 * @param {string} address of the Worker's script
 * @param {{ onMessage(message: any): void, onBroken(message: string): void }} handlers
 *   `onBroken` is called when the script itself cannot run
 */
export function connect(address, { onMessage, onBroken }) {
  const own = new Worker(address);
  worker = own;
  // What another one has taken the place of has nothing more to say.
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

/** @returns {typeof tell} to the Worker that runs now, and to none that takes its place: for answers */
export function line() {
  const own = worker;
  return (message) => own.postMessage(message);
}

export function disconnect() {
  worker?.terminate();
}

/**
 * Starts a Worker for page logic. The two talk to each other directly; here it only gets its modules, for it has no
 * network of its own.
 *
 * @param {string} address of its script
 * @param {MessagePort} port its end of the line to page logic
 * @param {(error: { message: string, stack: string }) => void} onError
 * @returns {() => void} ends it
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
