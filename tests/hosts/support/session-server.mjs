import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * A server that speaks the wire contract without logins, for what the real server does not do: below `/one/<user>` it keeps only
 * a user's newest session, below `/all/<user>` every session, and below `/never/<user>` none. `/echo` returns the request,
 * `/types` its content types, `/gateway` a 502 with a page, `/nothing` a 204; `/slow` never answers, and `/broken` hangs up.
 * `chat` is a WebSocket that first names its user, then echoes; `refused` and `/slow` open none.
 */
export class SessionServer {
  /** @returns {Promise<SessionServer>} */
  static async start() {
    const started = new SessionServer();
    await new Promise((resolve) => {
      started.server.listen(0, '127.0.0.1', resolve);
    });
    started.url = `http://127.0.0.1:${started.server.address().port}`;
    return started;
  }

  constructor() {
    /** Active sessions of each user. @type {Map<string, Set<string>>} */
    this.sessions = new Map();
    this.server = http.createServer((request, response) => void this.#answer(request, response));
    this.sockets = new WebSocketServer({ noServer: true });
    /** The server no longer owns sockets that asked to become WebSockets. @type {import('node:stream').Duplex[]} */
    this.upgraded = [];
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    // Keeps idle connections open, so that none is closed just as it is used again.
    this.server.keepAliveTimeout = 0;
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, first, user, name] = request.url.replace(/\?.*/, '').split('/');
    const respond = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(value === undefined ? '' : JSON.stringify(value));
    };
    if (first === 'slow') return;
    if (first === 'broken') response.destroy();
    else if (first === 'echo') response.end(chunks.length > 0 ? Buffer.concat(chunks) : '{}');
    else if (first === 'types') respond(200, contentTypes(request.rawHeaders));
    else if (first === 'gateway') response.writeHead(502, { 'content-type': 'text/html' }).end(PAGE);
    else if (first === 'nothing') respond(204);
    else respond(...this.#route(`${request.method} ${name}`, `${first}/${user}`, request.headers.authorization, chunks));
  }

  /** Accepts or refuses a WebSocket. The session comes in the header or in the first message. */
  #upgrade(request, socket, head) {
    this.upgraded.push(socket);
    const [, first, user, name] = request.url.split('/');
    const lives = (authorization) => this.#living(`${first}/${user}`).has(String(authorization).replace(/^Bearer /, ''));
    const { authorization } = request.headers;
    if (first === 'slow') return;
    if (name !== 'chat' || (authorization && !lives(authorization))) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (own) => {
      own.once('message', (data) => {
        const by = authorization ? 'header' : 'message';
        own.send(lives(inMessage(data)) ? by : 'nobody');
        own.on('message', (more, binary) => own.send(more, { binary }));
      });
    });
  }

  /** @returns {Set<string>} */
  #living(user) {
    return this.sessions.get(user) ?? new Set();
  }

  /** The status and the body of an answer. */
  #route(what, user, authorization = '', chunks = []) {
    const living = this.#living(user);
    const session = authorization.replace(/^Bearer /, '');
    switch (what) {
      case 'POST auth': {
        const fresh = randomBytes(32).toString('base64url');
        if (user.startsWith('all/')) this.sessions.set(user, living.add(fresh));
        if (user.startsWith('one/')) this.sessions.set(user, new Set([fresh]));
        return [200, { session: fresh, expires_in: 3600, member: null }];
      }
      case 'DELETE auth':
        living.delete(session);
        return [204];
      case 'GET session':
        return living.has(session) ? [200, { scope: 'auth_base', member: null }] : [401, EXPIRED];
      case 'GET forbidden':
        return [401, { ...EXPIRED, code: 'bearer_malformed' }];
      case 'POST orders':
        return living.has(session) ? [200, { placed: JSON.parse(Buffer.concat(chunks)) }] : [401, EXPIRED];
      case 'GET file':
        return living.has(session) ? [200, { what: 'the file' }] : [401, EXPIRED];
      case 'POST upload':
        return living.has(session) ? [200, { form: String(Buffer.concat(chunks)) }] : [401, EXPIRED];
      case 'POST phone': {
        if (!living.has(session)) return [401, EXPIRED];
        const { response } = JSON.parse(Buffer.concat(chunks));
        if (response === 'refused') return [403, NOT_AGREED];
        if (response === 'failing') return [500, {}];
        return [200, { phone_number: '138****1234', confirmed: true }];
      }
      default:
        return [404, { code: 'not_found' }];
    }
  }

  close() {
    return new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
      for (const socket of this.upgraded) socket.destroy();
    });
  }
}

/** The session in the first message of a WebSocket. */
function inMessage(data) {
  try {
    return JSON.parse(String(data)).authorization;
  } catch {
    return undefined;
  }
}

/** A proxy's answer when its server is down. */
const PAGE = '<html><h1>502 Bad Gateway</h1></html>';

/** @param {string[]} raw alternating names and values */
function contentTypes(raw) {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1].toLowerCase() === 'content-type');
}

/** Only the server can read that the user did not agree to give the phone number. */
const NOT_AGREED = {
  title: 'Not agreed.',
  status: 403,
  code: 'phone_not_authorized',
  advice: { zh: '同意后再试。', en: 'Let the user agree.' },
};

const EXPIRED = { type: 'about:blank', title: 'The session has expired.', status: 401, code: 'session_expired', reauthorize: false };
