import { WebSocket, WebSocketServer } from 'ws';

/**
 * Opens WebSockets of page code to the mapped server, as `forward.mjs` does for requests, and relays them to the host page over one of the
 * simulator's own.
 */

/** Error numbers of OD my.onSocketError: network, address, and everything without a number of its own. */
const UNREACHABLE = 50;
const NOT_MAPPED = 65;
const UNKNOWN = 1;

/** The same limit as for a request. */
const LARGEST_MESSAGE = 10 * 1024 * 1024;

/**
 * Opens a socket to the mapped server.
 *
 * @param {import('../platform/sockets.mjs').Handshake} handshake
 * @param {Record<string, string>} mapping the app's origin -> the local origin that answers for it
 * @param {import('../platform/sockets.mjs').LineEvents} on
 * @returns {import('../platform/sockets.mjs').Line}
 */
export function openSocket({ url, headers, protocols }, mapping, on) {
  const { protocol, host, pathname, search } = new URL(url);
  const origin = `${protocol === 'wss:' ? 'https' : 'http'}://${host}`;
  const none = (number, message) => {
    setImmediate(() => on.failed(number, message));
    return { send() {}, close() {} };
  };
  if (!Object.hasOwn(mapping, origin)) return none(NOT_MAPPED, 'unknown error');
  const address = mapping[origin].replace(/^http/, 'ws') + pathname + search;
  let socket;
  try {
    socket = new WebSocket(address, protocols, {
      headers: Object.fromEntries(headers),
      maxPayload: LARGEST_MESSAGE,
      perMessageDeflate: false,
    });
  } catch (error) {
    // Protocols or headers that are not valid in a handshake.
    return none(UNKNOWN, error.message);
  }
  let opened = false;
  let number = UNKNOWN;
  socket.on('open', () => {
    opened = true;
    on.opened();
  });
  socket.on('message', (data, isBinary) => on.message(isBinary ? new Uint8Array(data) : String(data)));
  socket.on('error', (error) => {
    if (error.code) number = UNREACHABLE;
  });
  socket.on('close', (code, reason) => {
    if (opened) on.closed(code, String(reason));
    else on.failed(number, 'unknown error');
  });
  return {
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
  };
}

/**
 * Relays to the host page: one of the simulator's own WebSockets for each of page code's. The first message is the handshake; later
 * messages name their event or action.
 *
 * @param {Record<string, string>} mapping
 */
export function socketRoute(mapping) {
  const server = new WebSocketServer({ noServer: true, maxPayload: 2 * LARGEST_MESSAGE });
  server.on('connection', (page) => {
    const tell = (event, ...values) => page.send(JSON.stringify({ event, values: values.map(carried) }));
    const ends =
      (event) =>
      (...values) => {
        tell(event, ...values);
        page.close();
      };
    let line = null;
    const acts = {
      handshake: (handshake) => {
        line = openSocket(handshake, mapping, {
          opened: () => tell('opened'),
          message: (data) => tell('message', data),
          closed: ends('closed'),
          failed: ends('failed'),
        });
      },
      send: (data) => line.send(data),
      close: (code, reason) => line.close(code, reason),
    };
    page.on('message', (text) => {
      try {
        const { act, values } = JSON.parse(text);
        acts[act](...values.map(unpacked));
      } catch {
        // The host page never sends this; and it must not crash the simulator.
        page.close(1008);
      }
    });
    page.on('close', () => line?.close());
  });
  return {
    /** Accepts an upgrade request. */
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, (page) => server.emit('connection', page)),
    close() {
      for (const page of server.clients) page.terminate();
      server.close();
    },
  };
}

function carried(value) {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

function unpacked(value) {
  return typeof value?.base64 === 'string' ? Buffer.from(value.base64, 'base64') : value;
}
