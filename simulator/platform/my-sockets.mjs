import { listeners, start, withoutCallbacks } from './my.mjs';

/** WebSockets as page code sees them: several with a SocketTask each, and the single one with its methods and events on `my`. */

const EVENTS = { open: 'Open', message: 'Message', error: 'Error', close: 'Close' };
const EVENTS_OF_MY = { open: 'SocketOpen', message: 'SocketMessage', error: 'SocketError', close: 'SocketClose' };

/** @param {import('./my.mjs').Front} front */
export function socketCalls(front) {
  let made = 0;
  let single;
  const ofMy = listeners(front, EVENTS_OF_MY);
  const withId = (socketTaskID) => ({ fields: (given) => ({ ...withoutCallbacks(given), socketTaskID }) });
  const act = (name, id) => (options) => start(front, name, options, withId(id())).returned;

  /** Connects; returns a SocketTask if several sockets are possible. */
  const connectSocket = (options) => {
    made += 1;
    const id = `socket-${made}`;
    const multiple = options?.multiple === true && front.socketTasks;
    const own = listeners(front, EVENTS);
    const hear = multiple
      ? (event, value) => own.hear(event, shaped(front, id, event, value))
      : (event, value) => ofMy.hear(event, heardByMy(event, value));
    const before = single;
    if (!multiple) single = id;
    start({ ...front, promises: false }, 'connectSocket', options, {
      fields: (given) => ({ ...withoutCallbacks(given), multiple, socketTaskID: id }),
      hear,
      settle(outcome, value) {
        // The previous single socket remains the current one.
        if (outcome === 'fail' && single === id) single = before;
        return [outcome, value];
      },
    });
    if (!multiple) return undefined;
    return { send: act('sendSocketMessage', () => id), close: act('closeSocket', () => id), ...own.on, ...own.off };
  };

  return {
    connectSocket,
    sendSocketMessage: act('sendSocketMessage', () => single),
    closeSocket: act('closeSocket', () => single),
    ...ofMy.on,
    ...ofMy.off,
  };
}

/** Returns the event object for a listener on `my`. */
function heardByMy(event, value) {
  return event === 'close' ? { reason: value.reason } : value;
}

/**
 * Returns the event object for a SocketTask's listener: by the documents the same as on `my`, by the typings wrapped with the socket's id.
 */
function shaped({ profiles }, socketTaskID, event, value) {
  if (profiles['socket-events'] === 'flat') return heardByMy(event, value);
  if (event === 'error') return { data: { socketTaskID }, error: value.error };
  return { data: event === 'message' ? { socketTaskID, ...value } : { socketTaskID } };
}
