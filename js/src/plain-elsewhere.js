import { imports } from '../generated/imports.js';
import { checksum } from '../generated/module.js';
import { bind, instantiateWasm } from './hosts.js';
import { promised } from './start.js';

/** How long an app may take to load the plain module, in milliseconds: the platform may have to download a sub-package. */
const TIMEOUT = 30000;

/**
 * Runs the module as WebAssembly, or else as the plain JavaScript that the app keeps in another file.
 *
 * @param {(() => unknown) | undefined} plain loads `miniauth/plain-module`
 * @returns {Promise<import('./start.js').Module>}
 */
export function instantiateWasmOr(plain) {
  return instantiateWasm().catch((cause) => {
    if (!plain) throw new Error(`${cause && cause.message}, and createAuth was called without plain`);
    return inTime(promised(plain)).then((fetched) => bind(moduleIn(fetched).instantiate(imports)));
  });
}

/**
 * @param {Promise<unknown>} fetched
 * @returns {Promise<unknown>}
 */
function inTime(fetched) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`plain loaded nothing within ${TIMEOUT / 1000} s`)), TIMEOUT);
    const stop = () => clearTimeout(timer);
    fetched.then(stop, stop);
    fetched.then(resolve, reject);
  });
}

/**
 * @param {any} fetched the result of `require` or `import`
 * @returns {{ instantiate: typeof import('../generated/plain.js').default }}
 */
function moduleIn(fetched) {
  const found = fetched && (fetched.instantiate ? fetched : fetched.default);
  if (!found || typeof found.instantiate !== 'function') {
    throw new Error('plain resolved to something other than miniauth/plain-module');
  }
  if (found.checksum !== checksum) throw new Error('plain resolved to miniauth/plain-module of another version');
  return found;
}
