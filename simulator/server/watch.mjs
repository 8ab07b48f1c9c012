import { watch } from 'node:fs';
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
  }

  /** @param {string[]} files absolute paths */
  follow(files) {
    const folders = new Set(files.map((file) => path.dirname(file)));
    for (const [folder, watcher] of this.watchers) {
      if (!folders.has(folder)) {
        watcher.close();
        this.watchers.delete(folder);
      }
    }
    for (const folder of folders) {
      if (!this.watchers.has(folder)) this.add(folder);
    }
  }

  add(folder) {
    try {
      const watcher = watch(folder, () => this.changed());
      watcher.on('error', () => this.watchers.delete(folder));
      this.watchers.set(folder, watcher);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.onChange, SETTLE);
  }

  close() {
    clearTimeout(this.timer);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }
}
