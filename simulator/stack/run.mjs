import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startStack } from '../stack.mjs';

/** Runs the stack until its input ends, for `simulator/dev.mjs`. */

const USAGE = 'usage: node simulator/dev.mjs --binary PATH [--state-dir DIR] [--port N] [--app FOLDER] [--profile NAME:VALUE,...] [--strict]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      'state-dir': { type: 'string', default: '.miniauth' },
      port: { type: 'string', default: '8700' },
      app: { type: 'string', default: 'example-miniapp' },
      profile: { type: 'string', default: '' },
      strict: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!values.binary || !Number.isInteger(port) || port < 1 || port > 65_533) throw new Error(USAGE);
  return { binary: values.binary, stateDir: values['state-dir'], appDir: values.app, profile: values.profile, strict: values.strict, port };
}

/** Nothing is told from the moment on at which `ending` is aborted. */
async function serve(ending) {
  const { binary, stateDir, appDir, profile, strict, port } = readOptions();
  const stack = await startStack({
    binary,
    stateDir,
    appDir,
    profile,
    strict,
    ports: { simulator: port, server: port + 1, sandbox: port + 2 },
    onLog: (source, line) => ending.aborted || console.error(`[${source}] ${line}`),
    signal: ending,
  });
  console.log(`miniauth is ready: ${stack.urls.simulator}/`);
  const problem = await Promise.race([once(ending, 'abort').then(() => null), stack.ended]);
  await stack.stop();
  if (problem) throw new Error(problem);
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
