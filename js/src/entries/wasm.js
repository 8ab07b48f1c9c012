import { creator } from '../create-auth.js';
import { optionsInvalid } from '../error.js';
import { taken } from '../options.js';
import { instantiateWasmOr } from '../plain-elsewhere.js';
import { Host } from '../start.js';

/** The latest `plain` option, which loads the plain module. @type {(() => unknown) | undefined} */
let plain;

const create = /* @__PURE__ */ creator(/* @__PURE__ */ new Host(() => instantiateWasmOr(plain), undefined, undefined, ['plain']));

/** @param {any} options */
export function createAuth(options) {
  const given = taken(() => ({ ...options }));
  if (given.plain !== undefined && typeof given.plain !== 'function') {
    throw optionsInvalid('createAuth: plain must be a function that returns a promise of miniauth/plain-module');
  }
  const auth = create(options);
  plain = given.plain || plain;
  return auth;
}

export { MiniauthError } from '../error.js';
