import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Creates a temporary folder with these files.
 *
 * @param {Record<string, string | Buffer>} files by their path in it
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>}
 */
export async function folderOf(files) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-app-'));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
