import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * Finds the `miniauth` program, which contains the sandbox and the server.
 *
 * @param {string | undefined} given from the command line
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 * @throws {Error} that says where to get it
 */
export function findBinary(given, env) {
  const named = given ?? env.MINIAUTH_BINARY;
  if (named) {
    if (runs(named)) return named;
    throw new Error(`${given ? '--binary' : 'MINIAUTH_BINARY'} names ${named}, which is not an executable program`);
  }
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const found = folders.map((folder) => path.join(folder, 'miniauth')).find(runs);
  if (found) return found;
  throw new Error(
    'the program `miniauth`, which contains the sandbox and the server, is not on the PATH. Unpack it from a release archive, or build ' +
      'it in the miniauth repository with `cargo build --release -p miniauth-cli`; then put it on the PATH, or set ' +
      'MINIAUTH_BINARY=/path/to/miniauth',
  );
}

function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
