import { fromBase64, toBase64 } from './timeline.mjs';

/**
 * Opens a WebSocket of page code through the simulator's server, which knows the local servers of the app's addresses.
 *
 * @param {import('../platform/sockets.mjs').Handshake} handshake
 * @param {import('../platform/sockets.mjs').LineEvents} on
 * @returns {import('../platform/sockets.mjs').Line}
 */
export function connect(handshake, on) {
  const carrier = new WebSocket(`ws://${location.host}/__simulator/socket`);
  const waiting = [];
  const tell = (act, ...values) => {
    const text = JSON.stringify({
      act,
      values: values.map((value) => (value instanceof Uint8Array ? { base64: toBase64(value) } : value)),
    });
    if (carrier.readyState === WebSocket.CONNECTING) waiting.push(text);
    else if (carrier.readyState === WebSocket.OPEN) carrier.send(text);
  };
  let over = false;
  carrier.addEventListener('open', () => {
    for (const text of waiting) carrier.send(text);
  });
  carrier.addEventListener('message', ({ data }) => {
    const { event, values } = JSON.parse(data);
    over ||= event === 'closed' || event === 'failed';
    on[event](...values.map((value) => (typeof value?.base64 === 'string' ? fromBase64(value.base64) : value)));
  });
  // The simulator itself has stopped.
  carrier.addEventListener('close', () => {
    if (over) return;
    on.closed(1006, '');
    on.failed(50, 'unknown error');
  });
  tell('handshake', handshake);
  return {
    send: (data) => tell('send', data),
    close: (code, reason) => tell('close', code, reason),
  };
}
