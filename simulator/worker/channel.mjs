/**
 * The Worker's only way out: messages to the host page. Held here before page code runs, and then taken off the global
 * scope, so that page code can neither send nor read them.
 */
const post = self.postMessage.bind(self);
const listen = self.addEventListener.bind(self);
const { MessageChannel } = self;

/**
 * @param {{ type: string, [field: string]: unknown }} message
 * @param {Transferable[]} [handedOver] what the host gets for itself
 */
export function send(message, handedOver = []) {
  post(message, handedOver);
}

/** Two ends, one of which can be handed over. */
export function openChannel() {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}

/** @param {Record<string, (message: any) => void>} handlers by message type */
export function receive(handlers) {
  listen('message', ({ data }) => handlers[data.type](data));
}

/**
 * What page code throws and nobody catches.
 *
 * @param {(error: unknown) => void} onError
 * @param {(reason: unknown, promise: Promise<unknown>) => void} [onRejection] of a promise; else as an error
 */
export function onUncaught(onError, onRejection = onError) {
  listen('error', (event) => {
    event.preventDefault();
    onError(event.error ?? new Error(event.message));
  });
  listen('unhandledrejection', (event) => {
    event.preventDefault();
    onRejection(event.reason, event.promise);
  });
}
