import { HttpFault } from './respond.mjs';

/**
 * Refuses what did not come from the simulator's own page: another site's page that guesses the port, or a name that was
 * made to point at loopback (DNS rebinding).
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {number} port
 */
export function requireOwnPage(request, port) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (!hosts.includes(host)) throw new HttpFault(403, `the simulator answers only as ${hosts.join(' or ')}`);
  if (origin !== undefined && origin !== `http://${host}`)
    {throw new HttpFault(403, 'the simulator answers only to its own page');}
  const site = request.headers['sec-fetch-site'];
  const opening = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opening)
    {throw new HttpFault(403, 'the simulator answers only to its own page');}
}
