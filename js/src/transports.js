/** The platform's other transports, adapted for the module: each answers like a request and fails with a request's error numbers. */

import { callPlatform } from './calls.js';
import { fieldOf, isObject } from './field.js';
import { originalOf } from './originals.js';

/**
 * Error numbers of the other transports, mapped to a request's where they differ.
 *
 * @type {Record<string, Record<string, number>>}
 */
const AS_REQUEST = {
  uploadFile: { 11: 2, 13: 4 },
  downloadFile: { 13: 4 },
  connectSocket: { 1: 12, 3: 2, 4: 2, 5: 2, 6: 13, 8: 12, 50: 12, 65: 12 },
};

/**
 * Returns the function that the module calls. In a Worker, `my` forwards every call to the page, where this is done.
 *
 * @param {Record<string, any>} my
 * @param {string} name
 * @returns {any}
 */
export function platformCall(my, name) {
  // Another transport will send it.
  if (name === 'authorization') return (/** @type {any} */ { headers, success }) => success({ status: 200, data: headers });
  const original = originalOf(my, name);
  const numbers = AS_REQUEST[name];
  if (!numbers || my.isForwarded || !original) return original;
  return (/** @type {any} */ { success, fail, ...options }) => {
    const failed = (/** @type {any} */ failure) => {
      const asRequest = numbers[fieldOf(failure, 'error')];
      fail(asRequest ? { ...failure, asRequest } : failure);
    };
    // The file was downloaded, and the platform does not report the status.
    const downloaded = (/** @type {any} */ { filePath, apFilePath, tempFilePath, headers, header }) =>
      success({ status: 200, data: filePath || apFilePath || tempFilePath, headers: headers || header });
    if (name === 'connectSocket') return openSocket(my, original, success, failed, options);
    return original.call(my, { ...options, success: name === 'uploadFile' ? success : downloaded, fail: failed });
  };
}

/**
 * Opens a WebSocket and succeeds once it is open. If the platform has SocketTask, there can be several; else `my` has a single one. The session
 * is sent in a header, which some phones drop, and in the first message.
 *
 * @param {Record<string, any>} my
 * @param {Function} original
 * @param {(answer: object) => void} success
 * @param {(failure: unknown) => void} fail
 * @param {any} options
 */
function openSocket(my, original, success, fail, options) {
  let isOpen = false;
  let isOver = false;
  /** Listeners registered on `my`, by the name of the call that removes them. @type {Record<string, Function>} */
  const listening = {};
  const failed = (/** @type {unknown} */ failure) => {
    if (isOver) return;
    isOver = true;
    for (const off of Object.keys(listening)) {
      if (my[off]) my[off](listening[off]);
    }
    fail(failure);
  };
  const task = original.call(my, { ...options, url: options.url.replace(/^http/i, 'ws'), multiple: true, fail: failed });
  const isTask = task && task.onOpen;
  const act = (/** @type {string} */ name, /** @type {string} */ ofMy, /** @type {object} */ passed) =>
    callPlatform(isTask ? task : my, isTask ? task[name] : originalOf(my, ofMy), passed).answered;
  const send = (/** @type {object} */ message) => act('send', 'sendSocketMessage', message);
  const close = (/** @type {object} */ why) => act('close', 'closeSocket', why);
  const socket = {
    send,
    close,
    abort: () => {
      failed({ error: 9 });
      close({});
    },
    /** The page's callbacks. @type {Record<string, Function>} */
    heard: {},
  };
  const tell = (/** @type {string} */ name, /** @type {unknown} */ event) => {
    if (socket.heard[name]) socket.heard[name](event);
  };
  /** @type {Record<string, (event: any) => void>} */
  const events = {
    Open: () => {
      const ready = () => {
        isOpen = true;
        success({ status: 200 });
      };
      const { authorization } = options.header;
      if (authorization) send({ data: JSON.stringify({ authorization }) }).then(ready, failed);
      else ready();
    },
    // The message is the event itself, or in `data` with the socket's id.
    Message: (event) => tell('onMessage', isObject(event.data) ? event.data : event),
    Error: (event) => {
      if (isOpen) tell('onError', event);
      else failed(event);
    },
    Close: (event) => {
      failed({ error: 1 });
      if (isOpen) tell('onClose', event);
    },
  };
  for (const name of Object.keys(events)) {
    // Listeners on `my` would get the next socket's events too.
    const listener = (/** @type {unknown} */ event) => {
      if (!isOver) events[name](event);
    };
    if (isTask) {
      task[`on${name}`](listener);
    } else if (!isOver) {
      my[`onSocket${name}`](listener);
      listening[`offSocket${name}`] = listener;
    }
  }
  return socket;
}
