#!/usr/bin/env node
/**
 * Runs the whole stack until it is told to end:
 *
 *   node simulator/dev.mjs --binary PATH --state-dir DIR --port N --app FOLDER --profile close:10,json:json_or_text
 */
import { parseArgs } from 'node:util';
import { startStack } from './stack.mjs';

const USAGE = 'usage: node simulator/dev.mjs --binary PATH [--state-dir DIR] [--port N] [--app FOLDER] [--profile NAME:VALUE,...]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      'state-dir': { type: 'string', default: '.miniauth' },
      port: { type: 'string', default: '8700' },
      app: { type: 'string', default: 'example-miniapp' },
      profile: { type: 'string', default: '' },
    },
  });
  const port = Number(values.port);
  if (!values.binary || !Number.isInteger(port) || port < 1 || port > 65_533) throw new Error(USAGE);
  return { binary: values.binary, stateDir: values['state-dir'], appDir: values.app, profile: values.profile, port };
}

/** Resolves when a signal asks the program to end; a second one is not waited for by anyone and ends it at once. */
function signalled() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(null));
  });
}

async function main() {
  const { binary, stateDir, appDir, profile, port } = readOptions();
  const end = signalled();
  const stack = await startStack({
    binary,
    stateDir,
    appDir,
    profile,
    ports: { simulator: port, server: port + 1, sandbox: port + 2 },
    onLog: (source, line) => console.error(`[${source}] ${line}`),
  });
  console.log(`miniauth is ready: ${stack.urls.simulator}/`);
  const problem = await Promise.race([end, stack.ended]);
  await stack.stop();
  if (problem) throw new Error(problem);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
