import { WebSocket, WebSocketServer } from 'ws';

/**
 * WebSockets of page code: opened to the server that answers for their origin, as requests are in `forward.mjs`, and carried to
 * the host page over one of the simulator's own.
 */

/** By OD my.onSocketError: the network, the address, and whatever has no number of its own. */
const UNREACHABLE = 50;
const NOT_MAPPED = 65;
const UNKNOWN = 1;

/** As large as what a request may carry. */
const LARGEST_MESSAGE = 10 * 1024 * 1024;

/**
 * @param {import('../platform/sockets.mjs').Handshake} handshake
 * @param {Record<string, string>} mapping the app's origin -> the local one that answers for it
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
    // Protocols and headers that no handshake can carry.
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
 * The host page's end: one of the simulator's own WebSockets for each of page code's. The first message is the handshake, then
 * both sides name what they tell.
 *
 * @param {Record<string, string>} mapping
 */
export function socketRoute(mapping) {
  const server = new WebSocketServer({ noServer: true, maxPayload: 2 * LARGEST_MESSAGE });
  server.on('connection', (page) => {
    const tell = (event, ...values) => page.send(JSON.stringify({ event, values: values.map(carried) }));
    const ends = (event) => (...values) => {
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
        // Nothing that the host page sends; and nothing that may end the simulator.
        page.close(1008);
      }
    });
    page.on('close', () => line?.close());
  });
  return {
    /** Takes a request for an upgrade over. */
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
