import { createHash } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { compileProject } from '../compile/project.mjs';

/**
 * Keeps one mini-program compiled: builds at start and after each file change, and notifies its listeners.
 */
export class ProjectBuilder {
  /**
   * @param {string} folder absolute path of the mini-program
   * @param {{ runtimeModule: string, strict: boolean, onLog: (line: string) => void }} options
   */
  constructor(folder, { runtimeModule, strict, onLog }) {
    this.folder = folder;
    this.options = { runtimeModule, strict };
    this.onLog = onLog;
    this.listeners = new Set();
    this.watch = new FolderWatch(() => void this.rebuild());
    this.project = null;
    this.id = '';
    /** A hash of each file's content by relative path, for the page to see which files changed. */
    this.sources = {};
    this.pending = null;
    this.again = false;
    this.lastGood = [];
  }

  async start() {
    await this.build();
    return this;
  }

  async build() {
    const bundled = this.project && (await this.onlyLooksChanged()) ? this.project.bundle : undefined;
    const project = await compileProject(this.folder, { ...this.options, bundled });
    this.sources = await hashes(this.folder, project.files);
    this.project = project;
    this.id = fingerprint(project);
    for (const fault of project.faults) this.onLog(String(fault));
    for (const notice of project.notices) this.onLog(notice.toString('notice: '));
    // A failed build may not know all the files that it would have read.
    if (project.faults.length === 0) this.lastGood = project.files;
    this.watch.follow([...project.files, ...this.lastGood]);
  }

  /** Whether only views and styles changed since the last build: then the page logic is not bundled again. */
  async onlyLooksChanged() {
    const now = await hashes(this.folder, this.project.files);
    const changed = Object.keys(now).filter((file) => now[file] !== this.sources[file]);
    return this.project.faults.length === 0 && changed.length > 0 && changed.every((file) => /\.(axml|acss)$/.test(file));
  }

  /** Runs one build at a time; a change during a build triggers one more afterwards. */
  async rebuild() {
    if (this.pending) {
      this.again = true;
      return;
    }
    const before = this.id;
    this.pending = this.build().catch((error) => this.onLog(`the mini-program could not be built: ${error.stack}`));
    await this.pending;
    this.pending = null;
    if (this.id !== before) for (const listener of this.listeners) listener(this.id);
    if (this.again) {
      this.again = false;
      await this.rebuild();
    }
  }

  /** @param {(id: string) => void} listener @returns {() => void} stops listening */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close() {
    this.watch.close();
    this.listeners.clear();
  }
}

/** Identical output gives the same id, so saving without a change reloads nothing. */
function fingerprint({ manifest, views, css, logic, workers, faults, notices }) {
  return createHash('sha256')
    .update(JSON.stringify([manifest, views, css, logic, workers.map(({ code }) => code), faults, notices]))
    .digest('hex')
    .slice(0, 16);
}

async function hashes(folder, files) {
  const read = async (file) => {
    const content = await readFile(file).catch(() => '');
    return [path.relative(folder, file).split(path.sep).join('/'), createHash('sha256').update(content).digest('hex').slice(0, 16)];
  };
  return Object.fromEntries(await Promise.all(files.map(read)));
}

/** Editors save in several steps; one rebuild covers them all, in milliseconds. */
const SETTLE = 60;

/**
 * Watches the folders of a set of files. It watches folders because editors replace files, and a set because a bundle's inputs may lie
 * outside the mini-program's folder (a linked package) and change from build to build.
 */
export class FolderWatch {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.watchers = new Map();
    this.timer = null;
    this.closed = false;
  }

  /** @param {string[]} files absolute paths; if a file's folder does not exist, the nearest existing one above it is watched */
  follow(files) {
    // A build may still finish after close(): a new watcher would keep the process alive.
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
