import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { Source, SourceFault } from './fault.mjs';

/**
 * Reads a JSON object from a file of the mini-program; returns an empty one if the file is missing or faulty.
 *
 * @param {string} folder
 * @param {string} file path in the folder
 * @param {SourceFault[]} faults collects the faults
 * @param {string} [absolute] its absolute path, if outside the folder
 * @returns {Promise<{ source: Source, value: any, missing?: true, unread?: true }>} `unread`: missing or faulty
 */
export async function readJsonFile(folder, file, faults, absolute = path.join(folder, file)) {
  let text;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { source: new Source(file, ''), value: {}, missing: true, unread: true };
  }
  const source = new Source(file, text);
  try {
    const value = JSON.parse(text);
    if (isObject(value)) return { source, value };
    faults.push(source.fault(0, 'must hold a JSON object'));
  } catch {
    faults.push(await jsonFault(source));
  }
  return { source, value: {}, unread: true };
}

/** JSON.parse does not always report the position; esbuild does. */
async function jsonFault({ file, text }) {
  const { errors } = await transform(text, { loader: 'json', logLevel: 'silent' }).catch((error) => error);
  if (!errors?.[0]?.location) return new SourceFault('not valid JSON', { file });
  const [
    {
      text: reason,
      location: { line, column },
    },
  ] = errors;
  return new SourceFault(`not valid JSON: ${reason}`, { file, line, column: column + 1 });
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
