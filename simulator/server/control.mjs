import http from 'node:http';
import { baseHeaders, HttpFault, readBody } from './respond.mjs';

const LARGEST_BODY = 64 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/**
 * Passes a call on to the sandbox's control interface, and nowhere else.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} sandboxUrl
 * @param {string} pathAndQuery below `/control/`
 */
export async function proxyControl(request, response, sandboxUrl, pathAndQuery) {
  if (!METHODS.includes(request.method)) throw new HttpFault(405, `the control interface takes ${METHODS.join(', ')}`);
  const target = new URL(`/control/${pathAndQuery}`, sandboxUrl);
  if (!target.pathname.startsWith('/control/')) throw new HttpFault(404, 'no such control');
  const body = await readBody(request, LARGEST_BODY);
  const headers =
    body.length > 0
      ? { 'content-type': request.headers['content-type'] ?? 'application/json', 'content-length': body.length }
      : {};
  await new Promise((resolve, reject) => {
    const forwarded = http.request(target, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, {
        ...baseHeaders(),
        'content-type': answer.headers['content-type'] ?? 'application/json',
      });
      answer.pipe(response).on('finish', resolve).on('error', reject);
    });
    forwarded.on('error', () => reject(new HttpFault(502, `the sandbox at ${sandboxUrl} does not answer`)));
    forwarded.end(body);
  });
}
