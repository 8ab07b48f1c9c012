/** The module as plain JavaScript and nothing else, for an app that keeps it apart from `miniauth/wasm`. */

export { checksum } from '../../generated/module.js';
export { default as instantiate } from '../../generated/plain.js';
