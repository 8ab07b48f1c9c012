/** The Worker that runs the page logic, for whoever has something to tell it. */
let worker = null;

/**
 * @param {string} address of the Worker's script
 * @param {{ onMessage(message: any): void, onBroken(message: string): void }} handlers
 *   `onBroken` is called when the script itself cannot run
 */
export function connect(address, { onMessage, onBroken }) {
  worker = new Worker(address);
  worker.addEventListener('message', ({ data }) => onMessage(data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    onBroken(event.message || 'the page logic could not be started');
  });
}

/** @param {{ type: string, [field: string]: unknown }} message */
export function tell(message) {
  worker.postMessage(message);
}
