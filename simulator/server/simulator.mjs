import http from 'node:http';
import path from 'node:path';
import { parseProfile } from '../../platform/index.mjs';
import { bundleHost, VUE_MODULE } from './assets.mjs';
import { ProjectBuilder } from './builder.mjs';
import { HttpFault, respondJson } from './respond.mjs';
import { createRoutes } from './routes.mjs';
import { socketRoute } from './socket.mjs';

const LOOPBACK = '127.0.0.1';

/**
 * Starts the simulator's HTTP server on loopback.
 *
 * @param {object} options
 * @param {string} options.appDir the mini-program's folder
 * @param {number} options.port 0 picks a free one
 * @param {string} options.sandboxUrl
 * @param {Record<string, string>} options.mapping the domain whitelist: the app's origin -> the local origin that answers for it
 * @param {import('./routes.mjs').KnownAddress[]} [options.addresses] the app's servers, mapped or not; default: those of `mapping`
 * @param {(() => Promise<{ user: string, stored: object }[]>) | null} [options.members] reads what the server has stored; null without one
 * @param {string} [options.profile] `name:value,name:value`, used when the page's address names none
 * @param {boolean} [options.strict] whether unsupported features, and mistakes that the platform tolerates, fail the build
 * @param {(line: string) => void} options.onLog
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 * @throws an Error with code EADDRINUSE if the port is in use, or one that lists the known profiles if a profile is unknown
 */
export async function startSimulator({
  appDir,
  port,
  sandboxUrl,
  mapping,
  addresses = mapped(mapping),
  members = null,
  profile = '',
  strict = false,
  onLog,
}) {
  parseProfile(profile);
  const server = http.createServer();
  await listen(server, port);
  const address = server.address().port;
  try {
    const assets = await bundleHost();
    const builder = await new ProjectBuilder(path.resolve(appDir), { runtimeModule: VUE_MODULE, strict, onLog }).start();
    const routes = createRoutes({ builder, assets, mapping, addresses, members, sandboxUrl, profile, onLog });
    server.on('request', (request, response) => void answer(request, response, routes, address, onLog));
    const sockets = socketRoute(mapping);
    server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, { sockets, port: address }));
    return {
      url: `http://${LOOPBACK}:${address}`,
      close: () => {
        builder.close();
        sockets.close();
        return close(server);
      },
    };
  } catch (error) {
    await close(server);
    throw error;
  }
}

/** @param {Record<string, string>} mapping */
function mapped(mapping) {
  return Object.entries(mapping).map(([origin, local]) => ({ origin, local, files: [], isLogin: false }));
}

async function answer(request, response, routes, port, onLog) {
  try {
    requireOwnPage(request, port);
    await routes(request, response, ownAddress(request, port));
  } catch (error) {
    const status = error instanceof HttpFault ? error.status : 500;
    if (status === 500) onLog(`simulator: ${request.method} ${request.url}: ${error.stack}`);
    if (response.headersSent) response.destroy();
    else respondJson(response, { error: error.message }, status);
  }
}

/** Accepts a WebSocket at the one address for them, and only from the simulator's own page. */
function upgrade(request, socket, head, { sockets, port }) {
  try {
    requireOwnPage(request, port);
    if (ownAddress(request, port).pathname !== '/__simulator/socket') throw new HttpFault(404, 'there is no WebSocket here');
  } catch (error) {
    socket.end(`HTTP/1.1 ${error.status} ${error.message}\r\nconnection: close\r\n\r\n`);
    return;
  }
  sockets.upgrade(request, socket, head);
}

/** Returns the requested address. Only a path is accepted: an absolute URL could name another server. */
function ownAddress({ url }, port) {
  const address = `http://${LOOPBACK}:${port}${url}`;
  if (!url.startsWith('/') || !URL.canParse(address)) throw new HttpFault(400, 'the request names no path');
  return new URL(address);
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

/**
 * Rejects requests that are not from the simulator's own page: from another site's page that guesses the port, or through a name that was
 * rebound to loopback (DNS rebinding).
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {number} port
 */
export function requireOwnPage(request, port) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (!hosts.includes(host)) throw new HttpFault(403, `the simulator answers only as ${hosts.join(' or ')}`);
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new HttpFault(403, 'the simulator answers only to its own page');
  }
  const site = request.headers['sec-fetch-site'];
  const opening = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opening) {
    throw new HttpFault(403, 'the simulator answers only to its own page');
  }
}
