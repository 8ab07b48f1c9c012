/**
 * The Worker's only way out: messages to the host page. These functions are saved before page code runs and then removed from the global
 * scope, so page code can neither send nor read messages.
 */
const post = self.postMessage.bind(self);
const listen = self.addEventListener.bind(self);
const { MessageChannel } = self;

/**
 * @param {{ type: string, [field: string]: unknown }} message
 * @param {Transferable[]} [handedOver] objects to transfer to the host
 */
export function send(message, handedOver = []) {
  post(message, handedOver);
}

/** Opens a channel; one of its ends can be transferred. */
export function openChannel() {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}

/** @param {Record<string, (message: any) => void>} handlers by message type */
export function receive(handlers) {
  listen('message', ({ data }) => handlers[data.type](data));
}

/**
 * Listens to uncaught errors and unhandled rejections of page code.
 *
 * @param {(error: unknown) => void} onError
 * @param {(reason: unknown, promise: Promise<unknown>) => void} [onRejection] by default the same as `onError`
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
