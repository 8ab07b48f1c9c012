import { aborted } from './error.js';

/**
 * The platform's return value, or its stand-in.
 *
 * @typedef {{ abort?: () => void, onProgressUpdate?: (listener: Function) => void,
 *   onHeadersReceived?: (listener: Function) => void, heard?: object } & Record<string, any>} Task
 */

/** The page's control over one request, from its call to its end. */
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
    /** The page's callbacks. @type {Record<string, any>} */
    this.heard = {};
  }

  isCancelled() {
    return this.cancelled;
  }

  /**
   * Attaches the platform's task of a sent request. Each retry has another task.
   *
   * @param {Task | undefined} task
   * @param {() => void} [stopWaiting] ends the module's wait: an aborted task may never answer
   */
  attach(task, stopWaiting) {
    this.attempts += 1;
    this.hold(task, stopWaiting);
    const { onProgress, onHeaders } = this.heard;
    if (onProgress && task && task.onProgressUpdate) task.onProgressUpdate(onProgress);
    if (onHeaders && task && task.onHeadersReceived) {
      // By the typings the headers are in one of two fields, by the documents they are the event itself.
      task.onHeadersReceived((/** @type {any} */ told) => onHeaders(told.headers || told.header || told));
    }
    if (task && task.heard) task.heard = this.heard;
  }

  /**
   * Sets what to abort.
   *
   * @param {Task | undefined} task
   * @param {() => void} [stopWaiting]
   */
  hold(task, stopWaiting) {
    this.task = task;
    this.stopWaiting = stopWaiting;
    if (this.cancelled) this.abortTask();
  }

  /** Aborts the request. Its promise rejects at once, whatever it waits for. */
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
   * Passes a promise on, until the request is aborted.
   *
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
 * Aborts a task of the platform. Errors are ignored, because nobody waits for the task any more.
 *
 * @param {{ abort?: () => void } | undefined} task
 */
export function abortQuietly(task) {
  try {
    if (task && typeof task.abort === 'function') task.abort();
  } catch {
    // The page's promise rejects anyway.
  }
}
