#!/usr/bin/env node
/**
 * Runs only the simulator, next to a sandbox and a server that are already running:
 *
 *   node simulator/serve.mjs --app FOLDER --sandbox URL --map https://api.shop.example=http://127.0.0.1:8701
 */
import { parseArgs } from 'node:util';
import { startSimulator } from './server/simulator.mjs';
import { requireFreePorts } from './stack.mjs';
import { readMap } from './stack/map.mjs';

const USAGE =
  'usage: node simulator/serve.mjs --app FOLDER --sandbox URL --map ORIGIN=LOCAL-ORIGIN [--map ...] [--port N] [--profile NAME:VALUE,...] [--strict]';

async function main() {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      sandbox: { type: 'string' },
      map: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '8700' },
      profile: { type: 'string', default: '' },
      strict: { type: 'boolean', default: false },
    },
  });
  if (!values.app || !values.sandbox || values.map.length === 0) throw new Error(USAGE);
  const mapping = readMap(values.map);
  const port = Number(values.port);
  await requireFreePorts({ simulator: port });
  const simulator = await startSimulator({
    appDir: values.app,
    port,
    sandboxUrl: values.sandbox,
    mapping,
    profile: values.profile,
    strict: values.strict,
    onLog: (line) => console.error(line),
  });
  console.log(`simulator listening on ${simulator.url}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void simulator.close());
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
