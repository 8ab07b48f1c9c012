/** Responses and the headers that all of them carry. */

/** The page runs only its own scripts, talks only to its own origin, and never evaluates strings. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  'font-src data:',
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Page logic reaches no network at all; it may only compile WebAssembly. */
export const WORKER_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'";

const TYPES = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  svg: 'image/svg+xml',
  text: 'text/plain',
};

/**
 * @param {import('node:http').ServerResponse} response
 * @param {keyof typeof TYPES} type
 * @param {string | Buffer} body
 * @param {{ status?: number, policy?: string }} [options]
 */
export function respond(response, type, body, { status = 200, policy = PAGE_POLICY } = {}) {
  response.writeHead(status, { ...baseHeaders(policy), 'content-type': `${TYPES[type]}; charset=utf-8` });
  response.end(body);
}

/** @param {import('node:http').ServerResponse} response @param {unknown} value @param {number} [status] */
export function respondJson(response, value, status = 200) {
  respond(response, 'json', JSON.stringify(value), { status });
}

/** @param {string} [policy] */
export function baseHeaders(policy = PAGE_POLICY) {
  return {
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** Thrown to answer a request with a status and a message. */
export class HttpFault extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {number} limit bytes
 * @returns {Promise<Buffer>}
 */
export async function readBody(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new HttpFault(413, `the body is over ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON object from a body. Requiring the content type makes browsers send a preflight for cross-origin posts. */
export async function readJson(request, limit) {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new HttpFault(415, 'the body must be application/json');
  }
  const text = (await readBody(request, limit)).toString('utf8');
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpFault(400, 'the body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpFault(400, 'the body must be a JSON object');
  }
  return value;
}
