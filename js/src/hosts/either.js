import { instantiatePlain } from './plain.js';
import { instantiateWasm } from './wasm.js';

/** Some engines have no WebAssembly, and some have one that refuses to run anything. */
export function instantiateEither() {
  return instantiateWasm().catch(instantiatePlain);
}
