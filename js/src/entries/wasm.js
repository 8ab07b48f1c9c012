import { creator } from '../create-auth.js';
import { instantiateWasm } from '../hosts.js';
import { Host } from '../start.js';

export const createAuth = /* @__PURE__ */ creator(/* @__PURE__ */ new Host(instantiateWasm));
export { MiniauthError } from '../error.js';
