export * from './dist/vue.js';
