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

/** @param {(error: unknown) => void} report called for what page code throws and nobody catches */
export function onUncaught(report) {
  listen('error', (event) => {
    event.preventDefault();
    report(event.error ?? new Error(event.message));
  });
  listen('unhandledrejection', (event) => {
    event.preventDefault();
    report(event.reason);
  });
}
