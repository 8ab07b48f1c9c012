import * as glue from '../../generated/miniauth_bg.js';
import instantiate from '../../generated/plain.js';
import { bind } from './bind.js';

/** Runs the module as plain JavaScript, for engines without WebAssembly. */
export async function instantiatePlain() {
  return bind(instantiate(glue));
}
