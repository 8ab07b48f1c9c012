export { MiniauthError, createAuth } from './create-auth.js';
