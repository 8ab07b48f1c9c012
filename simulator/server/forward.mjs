import http from 'node:http';
import https from 'node:https';
import { HttpFault } from './respond.mjs';

/**
 * Forwards a request of page code to the local server that its origin is mapped to; nothing else is reachable. The platform's own rules are
 * applied in `simulator/platform`.
 */

const LARGEST_BODY = 10 * 1024 * 1024;

/** The size of one chunk when progress is reported. */
const PART = 64 * 1024;

/** Headers of the connection or the platform, never set by page code. */
const NOT_FORWARDED = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'cookie',
  'referer',
  'origin',
  'proxy-authorization',
];

/**
 * @typedef {{ status: number, headers: Record<string, string>, cookies: string[], body: Buffer, mappedTo: string }} Answer
 * @typedef {{ failed: string, mappedTo?: string }} Failure no answer came; `mappedTo` is set if the request was tried
 *
 * @param {Outgoing} outgoing
 * @param {Record<string, string>} mapping whitelisted origin -> local origin
 * @param {AbortSignal} signal
 * @param {{ agent?: http.Agent | false, progress?: import('../platform/network.mjs').Progress }} [options] `agent` for http connections: by
 *   default each request opens its own; `progress` receives the progress
 * @returns {Promise<Answer | Failure>}
 */
export async function forward(outgoing, mapping, signal, { agent = false, progress } = {}) {
  const { origin, pathname, search } = new URL(outgoing.url);
  if (!Object.hasOwn(mapping, origin)) {
    return { failed: `no local server for ${origin}: map one with --map ${origin}=http://127.0.0.1:PORT` };
  }
  if (outgoing.body && outgoing.body.length > LARGEST_BODY) return { failed: `the body is over ${LARGEST_BODY} bytes` };
  // Do not resolve the path against the server's address: a path that starts with // would name another server.
  const target = { server: new URL(mapping[origin]), path: pathname + search };
  const mappedTo = target.server.origin;
  try {
    return { ...(await exchange(target, outgoing, { signal, agent, progress })), mappedTo };
  } catch (error) {
    return { failed: error.message || error.code, mappedTo };
  }
}

function exchange(target, outgoing, { signal, agent, progress }) {
  const { method, headers, body, cookie } = outgoing;
  const { server, path } = target;
  const secure = server.protocol === 'https:';
  const sent = forwardedHeaders(headers);
  if (cookie) sent.cookie = cookie;
  if (body) sent['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const options = { method, path, headers: sent, signal, agent: secure ? false : agent };
    const request = (secure ? https : http).request(server, options, (response) => {
      collect(response, progress).then(resolve, reject);
    });
    request.on('error', (error) => {
      // The server closed the kept-alive connection before it saw the request.
      const again = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
      if (again) exchange(target, outgoing, { signal, agent: false, progress }).then(resolve, reject);
      else reject(error);
    });
    if (body && progress) sendInParts(request, body, progress);
    else request.end(body ?? undefined);
  });
}

/** Sends the body in chunks, and reports each once the connection has accepted it. */
function sendInParts(request, body, progress) {
  const send = (from) => {
    const to = Math.min(from + PART, body.length);
    const last = to === body.length;
    const gone = (error) => {
      if (error) return;
      progress.sent(to, body.length);
      if (last) request.end();
      else send(to);
    };
    request.write(body.subarray(from, to), gone);
  };
  send(0);
}

/** Lower-cases the names; a header given in two spellings is sent twice. */
function forwardedHeaders(headers) {
  const sent = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!NOT_FORWARDED.includes(lower)) sent[lower] = [...(sent[lower] ?? []), value];
  }
  return sent;
}

async function collect(response, progress) {
  const chunks = [];
  let size = 0;
  const whole = Number(response.headers['content-length']);
  progress?.headers(visibleHeaders(response.headers));
  for await (const chunk of response) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`the answer is over ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
    if (whole > 0) progress?.received(size, whole);
  }
  return {
    status: response.statusCode,
    headers: visibleHeaders(response.headers),
    cookies: response.headers['set-cookie'] ?? [],
    body: Buffer.concat(chunks),
  };
}

/** Page code sees lower-case names and no cookies. */
function visibleHeaders(headers) {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'set-cookie')
      .map(([name, value]) => [name, String(value)]),
  );
}

/**
 * A request of page code, as the host page sends it.
 *
 * @typedef {object} Outgoing
 * @property {string} url
 * @property {string} method
 * @property {[string, string][]} headers
 * @property {Uint8Array | null} body
 * @property {string} [cookie]
 * @property {boolean} [progress] whether to report progress
 */

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** Validates a request. @param {any} value with a base64 body @returns {Outgoing} @throws {HttpFault} */
export function parseOutgoing({ url, method, headers, body, cookie, progress }) {
  const valid =
    typeof url === 'string' &&
    URL.canParse(url) &&
    METHODS.includes(method) &&
    Array.isArray(headers) &&
    headers.every(isPair) &&
    (body === null || typeof body === 'string') &&
    (cookie === undefined || typeof cookie === 'string');
  if (!valid) throw new HttpFault(400, 'the body does not describe a request');
  return { url, method, headers, body: body === null ? null : Buffer.from(body, 'base64'), cookie, progress: progress === true };
}

function isPair(value) {
  return Array.isArray(value) && value.length === 2 && value.every((text) => typeof text === 'string');
}
