import { CallFault } from './call-fault.mjs';
import { fileSystem } from './file-system.mjs';
import { atOnce, settleLater } from './my.mjs';
import { isArrayBuffer } from './plain.mjs';

/**
 * Builds the result of `my.getFileSystemManager()`: each action with callbacks, and as `…Sync`, which takes its options one by one (in the order
 * of the facts) or as one object. Assumed: a `…Sync` that fails returns what `fail` would get, because the documents' example of `statSync`
 * looks for `stats` in the answer.
 *
 * @param {import('./my.mjs').Front} front
 */
export function fileSystemManager(front) {
  const { methods } = front.facts.call('getFileSystemManager');
  const manager = {};
  for (const [name, action] of Object.entries(fileSystem(front.files, front.facts, front.packaged))) {
    const full = `FileSystemManager.${name}`;
    const note = (...call) => front.note(...call.map(readable));
    const act = (noted, options) => atOnce({ note }, noted, options, () => action(options));
    manager[name] = (given) => settleLater(front, full, given, () => act(full, given ?? {}));
    const sync = `${name}Sync`;
    if (!methods.includes(sync)) continue;
    manager[sync] = (...given) => {
      try {
        return act(`FileSystemManager.${sync}`, optionsOf(given, Object.keys(front.facts.call(full).options)));
      } catch (error) {
        if (error instanceof CallFault) return error.failure;
        throw error;
      }
    };
  }
  return manager;
}

function optionsOf(given, names) {
  const [first] = given;
  if (typeof first === 'object' && first !== null) return first;
  return Object.fromEntries(names.map((name, index) => [name, given[index]]));
}

/** Copies what the timeline shows of a call: bytes become their number, and functions are left out. */
function readable(value) {
  if (isArrayBuffer(value)) return `[${value.byteLength} bytes]`;
  if (typeof value !== 'object' || value === null) return value;
  const shown = Object.entries(value).filter(([, inner]) => typeof inner !== 'function');
  return Array.isArray(value) ? value.map(readable) : Object.fromEntries(shown.map(([name, inner]) => [name, readable(inner)]));
}
