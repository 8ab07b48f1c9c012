import { aborted } from './error.js';

/**
 * What the platform returns at once, or what stands for it.
 *
 * @typedef {{ abort?: () => void, onProgressUpdate?: (listener: Function) => void,
 *   onHeadersReceived?: (listener: Function) => void, heard?: object } & Record<string, any>} Task
 */

/** The page's hold on one request, from its call to its end. */
export class Control {
  constructor() {
    this.cancelled = false;
    /** @type {Task | undefined} */
    this.task = undefined;
    /** @type {(() => void) | undefined} */
    this.stopWaiting = undefined;
    /** @type {(() => void) | undefined} */
    this.stop = undefined;
    /** How often the request has been sent. */
    this.attempts = 0;
    /** @type {Record<string, any>} the page's functions that hear of it */
    this.heard = {};
  }

  isCancelled() {
    return this.cancelled;
  }

  /**
   * The platform's task, of a request that has been sent. One that is sent again has another one.
   *
   * @param {Task | undefined} task
   * @param {() => void} [stopWaiting] ends the module's wait for it: a task that is aborted need not answer
   */
  attach(task, stopWaiting) {
    this.attempts += 1;
    this.hold(task, stopWaiting);
    const { onProgress, onHeaders } = this.heard;
    if (onProgress && task && task.onProgressUpdate) task.onProgressUpdate(onProgress);
    if (onHeaders && task && task.onHeadersReceived) {
      // By the typings they lie under one of two names, by the documents they are what is told.
      task.onHeadersReceived((/** @type {any} */ told) => onHeaders(told.headers || told.header || told));
    }
    if (task && task.heard) task.heard = this.heard;
  }

  /**
   * What is to be aborted.
   *
   * @param {Task | undefined} task
   * @param {() => void} [stopWaiting]
   */
  hold(task, stopWaiting) {
    this.task = task;
    this.stopWaiting = stopWaiting;
    if (this.cancelled) this.abortTask();
  }

  /** Gives the request up. Its promise rejects at once, whatever it waits for. */
  cancel() {
    this.cancelled = true;
    this.abortTask();
    if (this.stop) this.stop();
  }

  abortTask() {
    abortQuietly(this.task);
    if (this.stopWaiting) this.stopWaiting();
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  until(promise) {
    return new Promise((resolve, reject) => {
      this.stop = () => reject(aborted());
      if (this.cancelled) this.stop();
      promise.then(resolve, reject);
    });
  }
}

/**
 * Aborts a task of the platform. Nobody waits for it any more: that it cannot be aborted is its own affair.
 *
 * @param {{ abort?: () => void } | undefined} task
 */
export function abortQuietly(task) {
  try {
    if (task && typeof task.abort === 'function') task.abort();
  } catch {
    // The page's promise rejects all the same.
  }
}
