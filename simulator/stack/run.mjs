import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { parseProfile } from '../../platform/index.mjs';
import { startStack } from '../stack.mjs';
import { findAddresses } from './addresses.mjs';
import { findApp } from './app-folder.mjs';
import { findBinary } from './binary.mjs';
import { readMap } from './map.mjs';

/** Runs the stack until standard input closes, for `simulator/dev.mjs`. */

const USAGE = `usage: miniauth-simulator FOLDER [OPTIONS]

Runs the mini-program of a folder in a browser, with a sandbox of the open platform; and with miniauth's server where the
mini-program logs in through miniauth.

  FOLDER, --app FOLDER     the folder with app.json: a native app, or the build output of uni-app, Taro or mpx
  --map URL=LOCAL          one of the app's servers and the local server that answers for it: https://api.shop.example=http://127.0.0.1:3000
  --login URL              the address that miniauth's server answers for, if it is not found in the app's code
  --port N                 the simulator's port; server and sandbox use N+1 and N+2 (8700)
  --state-dir DIR          where keys and database are kept (.miniauth)
  --profile NAME:VALUE,... variations of the platform's behaviour
  --strict                 unsupported features fail the build
  --binary PATH            the miniauth program; default MINIAUTH_BINARY, then the one on the PATH`;

/** @returns the options, or null if --help was given */
function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      app: { type: 'string' },
      binary: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      login: { type: 'string', multiple: true, default: [] },
      map: { type: 'string', multiple: true, default: [] },
      'state-dir': { type: 'string', default: '.miniauth' },
      port: { type: 'string', default: '8700' },
      profile: { type: 'string', default: '' },
      strict: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  parseProfile(values.profile);
  const [app = values.app, ...more] = positionals;
  const port = Number(values.port);
  const logins = values.login.map((url) => URL.canParse(url) && new URL(url).origin);
  if (!app || more.length > 0 || logins.includes(false) || !Number.isInteger(port) || port < 1 || port > 65_533) throw new Error(USAGE);
  return {
    ...values,
    logins,
    appDir: findApp(app),
    binary: findBinary(values.binary, process.env),
    stateDir: values['state-dir'],
    origins: readMap(values.map),
    port,
  };
}

/** Runs the stack; prints nothing more once `ending` is aborted. */
async function serve(ending) {
  const options = readOptions();
  if (!options) {
    console.log(USAGE);
    return;
  }
  const { binary, stateDir, appDir, profile, strict, port, origins } = options;
  const stack = await startStack({
    binary,
    stateDir,
    appDir,
    origins,
    addresses: await addressesOf(options),
    profile,
    strict,
    ports: { simulator: port, server: port + 1, sandbox: port + 2 },
    onLog: (source, line) => ending.aborted || console.error(`[${source}] ${line}`),
    signal: ending,
  });
  for (const address of stack.addresses) console.error(`[simulator] ${described(address)}`);
  console.log(`miniauth is ready: ${stack.urls.simulator}/`);
  const problem = await Promise.race([once(ending, 'abort').then(() => null), stack.ended]);
  await stack.stop();
  if (problem) throw new Error(problem);
}

/** Merges the addresses given on the command line with those found in the app. */
async function addressesOf({ appDir, logins, origins }) {
  const found = await findAddresses(appDir);
  const said = [...logins, ...Object.keys(origins)].filter((origin) => !found.some((address) => address.origin === origin));
  return [...found, ...said.map((origin) => ({ origin, files: [], isLogin: false }))].map((address) => ({
    ...address,
    isLogin: (address.isLogin || logins.includes(address.origin)) && !Object.hasOwn(origins, address.origin),
  }));
}

function described({ origin, local, isLogin, files }) {
  if (isLogin) return `address ${origin}: answered by miniauth's server, ${local}`;
  if (local) return `address ${origin}: answered by ${local}`;
  return `address ${origin} (${files[0]}): not mapped, its requests fail; map it with --map ${origin}=http://127.0.0.1:PORT`;
}

const ending = new AbortController();
process.stdin.resume().on('end', () => ending.abort());
serve(ending.signal)
  .catch((error) => {
    if (ending.signal.aborted) return;
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => process.stdin.destroy());
