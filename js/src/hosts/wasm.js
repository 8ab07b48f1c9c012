import * as glue from '../../generated/miniauth_bg.js';
import bytes from '../../generated/bytes.js';
import { decodeBase64 } from '../base64.js';
import { bind } from './bind.js';

/** Runs the module as WebAssembly in page logic, its bytes inside this file: the platform's file API would spoil them. */
export async function instantiateWasm() {
  if (typeof WebAssembly === 'undefined') throw new Error('this engine has no WebAssembly');
  const { instance } = await WebAssembly.instantiate(decodeBase64(bytes), { './miniauth_bg.js': glue });
  return bind(instance.exports);
}
