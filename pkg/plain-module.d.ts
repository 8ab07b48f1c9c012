export * from './dist/plain-module.js';
