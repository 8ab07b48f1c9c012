import { jsonCopy } from '../platform/plain.mjs';
import { findLoss, notice, runPageCode } from './report.mjs';
import { parsePath, setPath, splicePath } from './set-data.mjs';

/**
 * The common part of pages and components: data that can be set, observed and drawn. `instance` is what page code sees as `this`.
 */
export class Instance {
  /** @param {Observer[]} observers */
  constructor(observers) {
    this.observers = observers;
    this.closed = false;
    this.callbacks = new Map();
    this.nextCallback = 1;
    this.changed = new Set();
    this.batches = 0;
  }

  /** The data-setting methods of `instance`. */
  get setters() {
    return {
      setData: (changes, callback) => this.#update(changes, callback, setPath),
      $spliceData: (changes, callback) => this.#update(changes, callback, splicePath),
      $batchedUpdates: (work) => this.batch(() => runPageCode(work)),
    };
  }

  /** Called before data changes. */
  willChange() {}

  /**
   * Sends changed data to the host.
   * @param {string[]} names
   * @param {number | undefined} token echoed back once the change is on screen
   */
  draw(names, token) {
    throw new Error(`draw() is not implemented here: ${names} (${token})`);
  }

  /** Changes the data here, runs observers, then tells the host; the callback runs once the change is on screen. */
  #update(changes, callback, apply) {
    if (typeof changes !== 'object' || changes === null) throw new TypeError('setData takes an object');
    // An unloaded page or component ignores setData.
    if (this.closed) return;
    const loss = findLoss(changes);
    if (loss) notice(`setData: ${loss}, which JSON drops: the platform keeps only JSON values`);
    const copy = jsonCopy(changes);
    this.willChange();
    for (const [path, value] of Object.entries(copy)) this.changed.add(apply(this.instance.data, path, value));
    if (typeof callback === 'function') {
      this.callbacks.set(this.nextCallback, callback);
      this.nextCallback += 1;
    }
    this.batch(() => {
      for (const { callback: observer, values } of touched(this.observers, Object.keys(copy), this.instance.data)) {
        runPageCode(() => observer.apply(this.instance, values));
      }
    });
  }

  /** Runs `work`, and sends all data set during it in one message. */
  batch(work) {
    this.batches += 1;
    work();
    this.batches -= 1;
    if (this.batches > 0 || this.closed) return;
    const names = [...this.changed];
    this.changed.clear();
    this.draw(names, this.callbacks.size > 0 ? this.nextCallback - 1 : undefined);
  }

  /** @param {number} token the last callback registered when the drawn data was sent */
  rendered(token) {
    for (const [number, callback] of this.callbacks) {
      if (number > token) break;
      this.callbacks.delete(number);
      runPageCode(() => callback.call(this.instance));
    }
  }
}

/**
 * Parses `observers`: functions that run when `setData` touches a field, even if its value is unchanged.
 *
 * @param {Record<string, Function>} definitions by fields: 'a', 'a, b.c', 'list[0]', 'a.**', '**'
 * @returns {Observer[]}
 *
 * @typedef {{ fields: { steps: (string | number)[], deep: boolean }[], callback: Function }} Observer
 */
export function readObservers(definitions) {
  return Object.entries(definitions).map(([text, callback]) => {
    if (typeof callback !== 'function') throw new TypeError(`observers: ${JSON.stringify(text)} must be a function`);
    return { fields: text.split(',').map((field) => readField(field.trim())), callback };
  });
}

function readField(field) {
  if (field === '**') return { steps: [], deep: true };
  return { steps: parsePath(field.replace(/\.\*\*$/, ''), 'observers'), deep: field.endsWith('.**') };
}

/**
 * Finds the observers to call, each once.
 *
 * @param {Observer[]} observers
 * @param {string[]} paths the paths set by one `setData`
 * @param {object} data after the change
 * @returns {{ callback: Function, values: unknown[] }[]}
 */
export function touched(observers, paths, data) {
  if (observers.length === 0) return [];
  const changes = paths.map((path) => parsePath(path));
  return observers
    .filter(({ fields }) => fields.some((field) => changes.some((change) => touches(field, change))))
    .map(({ fields, callback }) => ({ callback, values: fields.map(({ steps }) => valueAt(data, steps)) }));
}

/** Setting a field touches it and everything inside; setting something inside it touches it only if it is observed with `**`. */
function touches({ steps, deep }, change) {
  const shared = Math.min(steps.length, change.length);
  for (let index = 0; index < shared; index += 1) if (steps[index] !== change[index]) return false;
  return deep || change.length <= steps.length;
}

function valueAt(data, steps) {
  return steps.reduce((value, step) => value?.[step], data);
}
