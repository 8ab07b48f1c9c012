import { fetchBytes } from './api.mjs';
import { record } from './timeline.mjs';

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
  const worker = new Worker(address);
  const onMessage = {
    ready: () => worker.postMessage({ type: 'start', port }, [port]),
    error: onError,
    module: async ({ id, path }) => {
      const entry = record('platform-call', { name: 'MYWebAssembly.instantiate', fields: { path }, outcome: 'pending' });
      try {
        const bytes = await fetchBytes(`modules${path}`);
        Object.assign(entry, { outcome: 'success', result: { bytes: bytes.byteLength } });
        worker.postMessage({ type: 'module', id, bytes }, [bytes]);
      } catch (error) {
        Object.assign(entry, { outcome: 'fail', result: { errorMessage: error.message } });
        worker.postMessage({ type: 'module', id, error: error.message });
      }
    },
  };
  worker.addEventListener('message', ({ data }) => void onMessage[data.type](data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    onError({ message: event.message || 'the Worker could not be started', stack: '' });
  });
  return () => worker.terminate();
}
