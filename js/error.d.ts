/** The error class alone, for code that must not bring the module along: `miniauth/error`. */

export { MiniauthError, MiniauthFailure } from './miniauth.js';
