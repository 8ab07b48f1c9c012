import { createHash } from 'node:crypto';
import { compileProject } from '../compile/project.mjs';
import { FolderWatch } from './watch.mjs';

/**
 * Keeps one mini-program compiled: builds at start and whenever one of its files changes, and tells whoever listens.
 */
export class ProjectBuilder {
  /**
   * @param {string} folder absolute path of the mini-program
   * @param {{ runtimeModule: string, onLog: (line: string) => void }} options
   */
  constructor(folder, { runtimeModule, onLog }) {
    this.folder = folder;
    this.runtimeModule = runtimeModule;
    this.onLog = onLog;
    this.listeners = new Set();
    this.watch = new FolderWatch(() => void this.rebuild());
    this.project = null;
    this.id = '';
    this.pending = null;
    this.again = false;
    this.lastGood = [];
  }

  async start() {
    await this.build();
    return this;
  }

  async build() {
    const project = await compileProject(this.folder, { runtimeModule: this.runtimeModule });
    this.project = project;
    this.id = fingerprint(project);
    for (const fault of project.faults) this.onLog(String(fault));
    for (const notice of project.notices) this.onLog(notice.toString('notice: '));
    // A build that failed may not know all that it would have read.
    if (project.faults.length === 0) this.lastGood = project.files;
    this.watch.follow([...project.files, ...this.lastGood]);
  }

  /** One build at a time; a change during a build means one more afterwards. */
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

/** The same sources give the same id, so that saving without a change reloads nothing. */
function fingerprint({ manifest, pages, css, logic, workers, faults, notices }) {
  return createHash('sha256')
    .update(JSON.stringify([manifest, pages, css, logic, workers.map(({ code }) => code), faults, notices]))
    .digest('hex')
    .slice(0, 16);
}
