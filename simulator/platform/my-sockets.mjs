import { listeners, start, withoutCallbacks } from './my.mjs';

/** The front of WebSockets: those that have a SocketTask, and the one whose methods and events are `my`'s. */

const EVENTS = { open: 'Open', message: 'Message', error: 'Error', close: 'Close' };
const EVENTS_OF_MY = { open: 'SocketOpen', message: 'SocketMessage', error: 'SocketError', close: 'SocketClose' };

/** @param {import('./my.mjs').Front} front */
export function socketCalls(front) {
  let made = 0;
  let single;
  const ofMy = listeners(front, EVENTS_OF_MY);
  const withId = (socketTaskID) => ({ fields: (given) => ({ ...withoutCallbacks(given), socketTaskID }) });
  const act = (name, id) => (options) => start(front, name, options, withId(id())).returned;

  /** Connects; a SocketTask is returned where there can be several. */
  const connectSocket = (options) => {
    made += 1;
    const id = `socket-${made}`;
    const multiple = options?.multiple === true && front.socketTasks;
    const own = listeners(front, EVENTS);
    const hear = multiple ? (event, value) => own.hear(event, shaped(front, id, event, value)) : (event, value) => ofMy.hear(event, heardByMy(event, value));
    const before = single;
    if (!multiple) single = id;
    start({ ...front, promises: false }, 'connectSocket', options, {
      fields: (given) => ({ ...withoutCallbacks(given), multiple, socketTaskID: id }),
      hear,
      settle(outcome, value) {
        // The one that was there before stays the one.
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

/** What a listener of `my` gets. */
function heardByMy(event, value) {
  return event === 'close' ? { reason: value.reason } : value;
}

/** What a listener of a SocketTask gets: by the documents what one of `my` gets, by the typings with the socket's id around it. */
function shaped({ profiles }, socketTaskID, event, value) {
  if (profiles['socket-events'] === 'flat') return heardByMy(event, value);
  if (event === 'error') return { data: { socketTaskID }, error: value.error };
  return { data: event === 'message' ? { socketTaskID, ...value } : { socketTaskID } };
}
