import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatProfile, parseProfile } from '../platform/index.mjs';
import { APP_ID } from './server/routes.mjs';
import { startSimulator } from './server/simulator.mjs';
import { Program } from './stack/program.mjs';

/** The example's origin; the simulator maps it to the local server. */
const APP_ORIGIN = 'https://api.shop.example';

/** The default when the caller names no addresses: an app like the example. */
const LIKE_THE_EXAMPLE = [{ origin: APP_ORIGIN, files: [], isLogin: true }];

/**
 * @typedef {object} Stack
 * @property {{ simulator: string, server?: string, sandbox: string }} urls
 * @property {import('./server/routes.mjs').KnownAddress[]} addresses the app's servers and their local counterparts
 * @property {Promise<string>} ended resolves with a message when the sandbox or the server exits on its own
 * @property {() => Promise<void>} stopServer
 * @property {() => Promise<void>} startServer on the same port and data; does nothing while the server runs
 * @property {() => Promise<void>} stop stops everything that was started
 */

/**
 * Starts the sandbox, the server (configured with the sandbox's keys) and the simulator, all on loopback.
 *
 * @param {object} options
 * @param {string} options.binary path of the `miniauth` program
 * @param {string} options.stateDir folder for keys and database; created if missing
 * @param {string} options.appDir the mini-program's folder
 * @param {Record<string, string>} [options.origins] further origins of the app, each mapped to a local server
 * @param {import('./stack/addresses.mjs').Address[]} [options.addresses] the app's servers as detected: miniauth's server answers for the
 *   login servers among them, and is not started if there are none
 * @param {string} [options.profile] `name:value,name:value`, split between the simulator and the sandbox
 * @param {boolean} [options.strict] see `startSimulator`
 * @param {{ simulator?: number, server?: number, sandbox?: number }} [options.ports] 0 or missing picks a free port
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment of the sandbox and the server
 * @param {(source: 'sandbox' | 'server' | 'simulator', line: string) => void} [options.onLog]
 * @param {AbortSignal} [options.signal] stops the start-up before its next step
 * @returns {Promise<Stack>}
 * @throws an Error that says what to do; nothing is left running
 */
export async function startStack({
  binary,
  stateDir,
  appDir,
  origins = {},
  addresses = LIKE_THE_EXAMPLE,
  profile = '',
  strict = false,
  ports = {},
  env = {},
  onLog = () => {},
  signal,
}) {
  const { simulator: simulatorPort = 0, server: serverPort = 0, sandbox: sandboxPort = 0 } = ports;
  const inForce = parseProfile(profile);
  await requireFreePorts({ simulator: simulatorPort, server: serverPort, sandbox: sandboxPort });
  const state = path.resolve(stateDir);
  await mkdir(state, { recursive: true, mode: 0o700 });

  let tellEnd;
  const ended = new Promise((resolve) => {
    tellEnd = resolve;
  });
  const started = [];
  const start = async (name, args, variables) => {
    signal?.throwIfAborted();
    const surroundings = { ...process.env, ...variables, ...env };
    const program = new Program([binary, ...args], { name: `the ${name}`, env: surroundings, onLine: (line) => onLog(name, line) });
    started.push(() => program.stop());
    await program.listening();
    void program.ended.then(({ asked, how }) => !asked && tellEnd(`the ${name} ended (${how})`));
    return program;
  };
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const keys = path.join(state, 'sandbox');
    const profileOfSandbox = formatProfile(inForce, 'sandbox');
    const sandbox = await start('sandbox', [
      'sandbox',
      '--listen',
      `127.0.0.1:${sandboxPort}`,
      '--state-dir',
      keys,
      '--profile',
      profileOfSandbox,
    ]);

    const urls = { sandbox: sandbox.url };
    const configuration = serverConfiguration(state, keys, sandbox.url);
    const startServer = (listen) => start('server', ['serve'], { ...configuration, MINIAUTH_LISTEN: listen });
    let server = null;
    if (addresses.some(({ isLogin }) => isLogin)) {
      server = await startServer(`127.0.0.1:${serverPort}`);
      urls.server = server.url;
      await sendMessagesTo(sandbox.url, `${server.url}/platform-messages`);
    }
    const mapping = mappingOf(addresses, origins, urls.server);
    const known = addresses.map((address) => ({ ...address, local: mapping[address.origin] ?? null }));

    signal?.throwIfAborted();
    const simulator = await startSimulator({
      appDir,
      port: simulatorPort,
      sandboxUrl: urls.sandbox,
      mapping,
      addresses: known,
      members: server && (() => storedMembers(binary, configuration, sandbox.url)),
      profile: formatProfile(inForce, 'simulator'),
      strict,
      onLog: (line) => onLog('simulator', line),
    });
    started.push(() => simulator.close());
    urls.simulator = simulator.url;
    signal?.throwIfAborted();
    return {
      urls,
      addresses: known,
      ended,
      stop,
      stopServer: async () => server?.stop(),
      startServer: async () => {
        if (server && !server.running) server = await startServer(new URL(urls.server).host);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Reads what the server has stored about each of the sandbox's users, with `miniauth members show`.
 *
 * @param {string} binary
 * @param {Record<string, string>} configuration of the server
 * @param {string} sandboxUrl
 * @returns {Promise<{ user: string, stored: object }[]>}
 */
async function storedMembers(binary, configuration, sandboxUrl) {
  const { users } = await (await fetch(`${sandboxUrl}/control/users`)).json();
  const env = { ...process.env, ...configuration };
  const members = [];
  for (const user of users) {
    for (const id of [user.user_id, user.open_id]) {
      const shown = await promisify(execFile)(binary, ['members', 'show', '--json', '--by', 'simulator', id], { env }).catch(() => null);
      if (!shown) continue;
      members.push({ user: user.id, stored: JSON.parse(shown.stdout) });
      break;
    }
  }
  return members;
}

/** Maps each of the app's origins to a local server: the given mapping takes precedence; an origin on this machine maps to itself. */
function mappingOf(addresses, origins, server) {
  const found = addresses.map(({ origin, isLogin }) => [origin, isLogin ? server : isOnThisMachine(origin) && origin]);
  const own = server ? { [server]: server } : {};
  return { ...Object.fromEntries(found.filter(([, local]) => local)), ...own, ...origins };
}

function isOnThisMachine(origin) {
  return ['127.0.0.1', 'localhost'].includes(new URL(origin).hostname);
}

/** Tells the sandbox where to post the platform's messages: the address is known only once the server listens. */
async function sendMessagesTo(sandboxUrl, address) {
  const body = JSON.stringify({ app_id: APP_ID, address });
  const answer = await fetch(`${sandboxUrl}/control/message-address`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!answer.ok) throw new Error(`the sandbox rejected the address for messages: ${(await answer.json()).error}`);
}

function serverConfiguration(state, keys, sandboxUrl) {
  return {
    MINIAUTH_DATABASE: `sqlite://${path.join(state, 'miniauth.db')}`,
    MINIAUTH_APP_ID: APP_ID,
    MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(keys, 'app-private-key.pem'),
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(keys, 'alipay-public-key.pem'),
    MINIAUTH_CONTENT_KEY_FILE: path.join(keys, 'content-key.txt'),
    MINIAUTH_GATEWAY: `${sandboxUrl}/gateway.do`,
  };
}

/**
 * Checks that every port is free, before anything starts.
 * @param {Record<string, number>} ports by the program that needs it; 0 is always free
 * @throws a one-line Error that says what to do
 */
export async function requireFreePorts(ports) {
  for (const [name, port] of Object.entries(ports)) {
    const probe = net.createServer().listen(port, '127.0.0.1');
    await once(probe, 'listening').catch((error) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new Error(
        `port ${port}, meant for the ${name}, is in use: stop the program that listens there, ` +
          'or choose other ports with --port N (N, N+1 and N+2 are used)',
      );
    });
    await once(probe.close(), 'close');
  }
}
