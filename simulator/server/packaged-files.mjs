import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { matchesGlobs } from '../compile/project-config.mjs';

/**
 * Reads the files that mini.project.json puts into the package for page code to read. Those below node_modules are not (assumed).
 *
 * @param {string} folder the mini-program's folder
 * @param {string[]} globs of mini.project.json
 * @returns {Promise<Record<string, string>>} contents in base64, by path with slashes
 */
export async function packagedFiles(folder, globs) {
  const packaged = {};
  const collect = async (below) => {
    for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
      const name = path.posix.join(below, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) await collect(name);
      else if (entry.isFile() && matchesGlobs(globs, name)) packaged[name] = await readFile(path.join(folder, name), 'base64');
    }
  };
  if (globs.length > 0) await collect('');
  return packaged;
}
