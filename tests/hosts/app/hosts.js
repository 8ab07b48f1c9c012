/** `createAuth` of every host, from the installed package. The Worker is started once, if needed. */
let worker;

exports.hosts = {
  wasm: (options) => require('miniauth/wasm.js').createAuth(options),
  plain: (options) => require('miniauth/plain.js').createAuth(options),
  worker: (options) => {
    worker = worker || my.createWorker('workers/miniauth.js');
    return require('miniauth/worker.js').createAuth(Object.assign({ worker }, options));
  },
};
