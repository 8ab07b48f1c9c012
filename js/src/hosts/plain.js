import { imports } from '../../generated/imports.js';
import instantiate from '../../generated/plain.js';
import { promised } from '../start.js';
import { bind } from './bind.js';

/**
 * Runs the module as plain JavaScript, for engines without WebAssembly.
 *
 * @returns {Promise<import('../start.js').Module>}
 */
export function instantiatePlain() {
  return promised(() => bind(instantiate(imports)));
}
