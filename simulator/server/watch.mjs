import { existsSync, watch } from 'node:fs';
import path from 'node:path';

/** Editors save in several steps; one rebuild for all of them, in milliseconds. */
const SETTLE = 60;

/**
 * Watches the folders of a set of files. Folders, because editors replace files; a set, because a bundle's inputs reach
 * beyond the mini-program's folder (a linked package) and change from build to build.
 */
export class FolderWatch {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.watchers = new Map();
    this.timer = null;
    this.closed = false;
  }

  /** @param {string[]} files absolute paths; of a folder that is not there, the next one above it is watched */
  follow(files) {
    // A build that was under way when everything was closed ends here: a watcher would keep the process alive.
    if (this.closed) return;
    const folders = new Set(files.map((file) => existingFolder(path.dirname(file))));
    for (const folder of this.watchers.keys()) {
      if (!folders.has(folder)) this.remove(folder);
    }
    for (const folder of folders) {
      if (!this.watchers.has(folder)) this.add(folder);
    }
  }

  add(folder) {
    const watcher = watch(folder, () => {
      if (!existsSync(folder)) this.remove(folder);
      this.changed();
    });
    watcher.on('error', () => this.remove(folder));
    this.watchers.set(folder, watcher);
  }

  remove(folder) {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.onChange, SETTLE);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }
}

function existingFolder(folder) {
  return existsSync(folder) ? folder : existingFolder(path.dirname(folder));
}
