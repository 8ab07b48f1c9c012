/** `miniauth/error`: only the error class, for code that should not load the module. */

export { MiniauthError, MiniauthFailure } from './miniauth.js';
