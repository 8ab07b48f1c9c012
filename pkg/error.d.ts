export * from './dist/error.js';
