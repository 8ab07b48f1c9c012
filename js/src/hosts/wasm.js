import * as glue from '../../generated/miniauth_bg.js';
import { bind } from './bind.js';
import { unpackedModule } from './unpack.js';

/** Runs the module as WebAssembly in page logic, its bytes inside this file: the platform's file API would spoil them. */
export async function instantiateWasm() {
  if (typeof WebAssembly === 'undefined') throw new Error('this engine has no WebAssembly');
  const { instance } = await WebAssembly.instantiate(unpackedModule(), { './miniauth_bg.js': glue });
  return bind(instance.exports);
}
