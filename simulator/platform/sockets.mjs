import { appendQuery, checkHeaders } from './body.mjs';
import { CallFault } from './call-fault.mjs';

/** WebSockets of page code: the single one of `my`, and those with a SocketTask. */

/** From OD my.connectSocket; the connection timeout is from a later version of that page. */
const MOST = 5;
const DEFAULT_TIMEOUT = 30_000;

/**
 * The transport of a WebSocket.
 *
 * @typedef {object} Line
 * @property {(data: string | Uint8Array) => void} send
 * @property {(code?: number, reason?: string) => void} close
 *
 * @typedef {object} LineEvents
 * @property {() => void} opened
 * @property {(data: string | Uint8Array) => void} message
 * @property {(code: number, reason: string) => void} closed after it was open
 * @property {(number: number, message: string) => void} failed before it was open
 *
 * @typedef {{ url: string, headers: [string, string][], protocols: string[], timeout: number }} Handshake
 */

export class Sockets {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** The sockets that are connecting or open, by id. @type {Map<string, { line: Line | null, open: boolean, single: boolean }>} */
    this.living = new Map();
  }

  /**
   * `my.connectSocket`: succeeds when the socket is open, or when connecting has begun (`socket-success:started`).
   *
   * @param {any} fields including the id that the front assigned
   * @param {import('./platform.mjs').CallLine} line
   */
  async connectSocket({ socketTaskID, multiple, timeout, ...fields }, { tell, afterwards }) {
    const handshake = { ...this.handshake(fields), timeout: typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_TIMEOUT };
    this.makeRoom(multiple);
    const socket = { line: null, open: false, single: !multiple };
    this.living.set(socketTaskID, socket);
    // Page code gets no event before the call's own answer.
    let waiting = [];
    const told = (...event) => (waiting ? waiting.push(event) : tell(...event));
    afterwards(() => {
      for (const event of waiting) tell(...event);
      waiting = null;
    });
    const connected = this.connect(socketTaskID, socket, handshake, told);
    if (this.ports.profiles['socket-success'] === 'connected') await connected;
    else connected.catch(() => {});
    return {};
  }

  /** Resolves once the socket is open. @returns {Promise<void>} @throws {CallFault} */
  connect(id, socket, handshake, tell) {
    const { clock, connect, faults, record } = this.ports;
    const note = record.socket(handshake.url);
    return new Promise((resolve, reject) => {
      const over = () => {
        clock.clearTimeout(timer);
        this.living.delete(id);
      };
      const failed = (error, errorMessage) => {
        if (!this.living.has(id)) return;
        over();
        note('error', { error, errorMessage });
        tell('error', { error, errorMessage });
        reject(new CallFault(error, errorMessage));
      };
      const timer = clock.setTimeout(() => {
        socket.line?.close();
        failed(6, '连接服务器超时');
      }, handshake.timeout);
      if (faults.strikes('offline', 'connectSocket')) {
        failed(50, 'unknown error');
        return;
      }
      socket.note = note;
      socket.line = connect(handshake, {
        opened: () => {
          clock.clearTimeout(timer);
          socket.open = true;
          note('open');
          tell('open', {});
          resolve();
        },
        message: (data) => {
          if (!socket.open) return;
          note('message', { data });
          tell('message', typeof data === 'string' ? { data, isBuffer: false } : { data: base64(data), isBuffer: true });
        },
        closed: (code, reason) => {
          if (!this.living.has(id)) return;
          over();
          note('close', { code, reason });
          tell('close', { code, reason });
        },
        failed,
      });
    });
  }

  /** `my.sendSocketMessage` and `SocketTask.send`. */
  async sendSocketMessage({ socketTaskID, data, isBuffer }) {
    const socket = this.living.get(socketTaskID);
    if (!socket?.open) throw CallFault.of(this.ports.facts, 'sendSocketMessage', 10);
    if (typeof data !== 'string') throw new CallFault(1, 'data must be a string');
    const sent = isBuffer === true ? fromBase64(data) : data;
    socket.note('sent', { data: sent });
    socket.line.send(sent);
    return { success: true };
  }

  /** `my.closeSocket` and `SocketTask.close`. */
  async closeSocket({ socketTaskID, code = 1000, reason = '' }) {
    const socket = this.living.get(socketTaskID);
    if (!socket?.line) throw new CallFault(1, 'no WebSocket is open');
    // As in browsers (assumed): other codes are reserved by the protocol, and the reason must fit into a frame.
    const isCode = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
    if (!isCode) throw new CallFault(1, 'code must be 1000, or from 3000 to 4999');
    if (typeof reason !== 'string' || new TextEncoder().encode(reason).length > 123) {
      throw new CallFault(1, 'reason must be a string of at most 123 bytes');
    }
    socket.line.close(code, reason);
    return { message: '' };
  }

  /** Closes all sockets when the app ends. */
  end() {
    for (const { line } of this.living.values()) line?.close();
    this.living.clear();
  }

  /** Without `multiple` there is one socket: a second one is rejected, or replaces it (`socket-second:replaces`). */
  makeRoom(multiple) {
    if (this.living.size >= MOST) throw new CallFault(1, `there are ${MOST} WebSockets already`);
    if (multiple) return;
    const [, before] = [...this.living].find(([, { single }]) => single) ?? [];
    if (!before) return;
    if (this.ports.profiles['socket-second'] === 'refused') throw CallFault.of(this.ports.facts, 'connectSocket', 3);
    before.line?.close(1000, '');
  }

  /** @returns {Handshake} @throws {CallFault} */
  handshake({ url, data, header, protocols = [] }) {
    const fault = (number) => CallFault.of(this.ports.facts, 'connectSocket', number);
    if (url === undefined || url === '') throw fault(3);
    if (typeof url !== 'string' || !URL.canParse(url)) throw fault(4);
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'ws:' && protocol !== 'wss:') throw fault(5);
    // As with requests, a developer reaches their own server this way.
    if (protocol === 'ws:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) throw fault(20);
    try {
      const headers = this.ports.profiles['socket-header'] === 'sent' ? checkHeaders(header ?? {}) : [];
      return { url: appendQuery(url, data), headers, protocols: [protocols].flat().map(String) };
    } catch (error) {
      throw new CallFault(2, error.message);
    }
  }
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new CallFault(1, 'data must be base64 where isBuffer is true');
  }
}
