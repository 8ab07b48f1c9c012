/** Answers, with the headers that every one of them carries. */

/** The page may run only its own scripts and talk only to its own origin; strings never become code. */
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

/** Page logic may reach nothing at all; compiling WebAssembly is the one thing that it is allowed. */
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

/** A request that is answered with a status and a sentence. */
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

/** A body that is a JSON object; asking for the content type makes browsers ask first when another origin posts. */
export async function readJson(request, limit) {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    {throw new HttpFault(415, 'the body must be application/json');}
  const text = (await readBody(request, limit)).toString('utf8');
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpFault(400, 'the body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    {throw new HttpFault(400, 'the body must be a JSON object');}
  return value;
}
