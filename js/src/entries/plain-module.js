/** Only the module as plain JavaScript, for apps that load it separately from `miniauth/wasm`. */

export { checksum } from '../../generated/module.js';
export { default as instantiate } from '../../generated/plain.js';
