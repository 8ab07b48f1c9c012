import { creator } from '../create-auth.js';
import { instantiateEither } from '../hosts.js';
import { Host } from '../start.js';

export const createAuth = /* @__PURE__ */ creator(/* @__PURE__ */ new Host(instantiateEither));
export { MiniauthError } from '../error.js';
