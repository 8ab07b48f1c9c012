/** The Worker's script. The app lists it in `workers` of app.json. */
/* global MYWebAssembly */

import { imports } from '../../generated/imports.js';
import { bind } from '../hosts.js';
import { WorkerClient, keysOf } from './client.js';
import { page } from './page.js';

/** @type {Map<number, WorkerClient>} */
const clients = new Map();

page.answers = {
  start: (wasm) =>
    MYWebAssembly.instantiate(wasm, { m: imports }).then((result) => {
      const module = bind((result.instance || result).exports);
      module.onPanic((/** @type {string} */ message) => page.tell('lost', message));
    }),
  client: (id, server, tapLifetime, panelTimeout, debug, description) => {
    const restores = description.answersAtOnce.indexOf('getStorageSync') >= 0;
    return page.ask('stored', id, restores ? keysOf(server, debug) : []).then((stored) => {
      clients.set(id, new WorkerClient(id, server, tapLifetime, panelTimeout, debug, description, stored));
    });
  },
  call: (id, method, passed) => clientOf(id).call(method, passed),
  cancel: (id, request) => clientOf(id).cancel(request),
};

/** @param {number} id */
function clientOf(id) {
  return /** @type {WorkerClient} */ (clients.get(id));
}
