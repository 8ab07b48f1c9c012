import { parsePath } from './set-data.mjs';

/**
 * A page's `observers`: functions that are called when `setData` touches a field, whether or not its value changed.
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
 * @param {Observer[]} observers
 * @param {string[]} paths what one `setData` touched
 * @param {object} data as it is now
 * @returns {{ callback: Function, values: unknown[] }[]} who is to be called, each once
 */
export function touched(observers, paths, data) {
  const changes = paths.map((path) => parsePath(path));
  return observers
    .filter(({ fields }) => fields.some((field) => changes.some((change) => touches(field, change))))
    .map(({ fields, callback }) => ({ callback, values: fields.map(({ steps }) => valueAt(data, steps)) }));
}

/** Setting a field touches it and all above which it stands; setting something inside touches only who asked for that. */
function touches({ steps, deep }, change) {
  const shared = Math.min(steps.length, change.length);
  for (let index = 0; index < shared; index += 1) if (steps[index] !== change[index]) return false;
  return deep || change.length <= steps.length;
}

function valueAt(data, steps) {
  return steps.reduce((value, step) => value?.[step], data);
}
