export * from './dist/miniauth.js';
