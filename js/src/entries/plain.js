import { creator } from '../create-auth.js';
import { instantiatePlain } from '../hosts.js';
import { Host } from '../start.js';

export const createAuth = /* @__PURE__ */ creator(/* @__PURE__ */ new Host(instantiatePlain));
export { MiniauthError } from '../error.js';
