import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Reads every byte that the stack keeps on disk: the database with its write-ahead log, and all other files.
 *
 * @param {string} folder the stack's state folder
 * @returns {Promise<{ path: string, bytes: Buffer }[]>}
 */
export async function storedFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(path) })));
}

/**
 * Returns the forms in which a text might be hidden in a log or a database: plain, escaped as JSON, with escaped slashes, percent-encoded,
 * in base64, in UTF-16.
 *
 * @param {string} text
 * @returns {Buffer[]}
 */
export function spellings(text) {
  const ascii = JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const texts = [
    text,
    JSON.stringify(text).slice(1, -1),
    text.replaceAll('/', '\\/'),
    ascii,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
  ];
  return [...new Set(texts)].map((spelling) => Buffer.from(spelling)).concat(Buffer.from(text, 'utf16le'));
}

/**
 * @param {Buffer} bytes
 * @param {string} text
 * @returns {boolean} whether any spelling of the text is among the bytes
 */
export function holds(bytes, text) {
  return spellings(text).some((spelling) => bytes.includes(spelling));
}
