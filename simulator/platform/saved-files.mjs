import { CallFault } from './call-fault.mjs';

/** The size limit of one saved file. */
const MOST = 10 * 1024 * 1024;

/** The files that the app saved during this run; methods are named like the calls. The format of saved paths is assumed. */
export class SavedFiles {
  /** @param {import('./platform.mjs').Ports} ports @param {import('./files.mjs').Files} files */
  constructor(ports, files) {
    Object.assign(this, { ports, files });
    /** @type {Map<string, { size: number, createTime: number }>} */
    this.saved = new Map();
  }

  saveFile({ apFilePath }) {
    if (typeof apFilePath !== 'string' || apFilePath === '') throw CallFault.of(this.ports.facts, 'saveFile', 2);
    const file = this.files.find(apFilePath);
    if (!file) throw CallFault.of(this.ports.facts, 'saveFile', 12);
    if (file.bytes.length > MOST) throw CallFault.of(this.ports.facts, 'saveFile', 19);
    const path = this.files.add(file);
    this.saved.set(path, { size: file.bytes.length, createTime: this.ports.clock.now() });
    return { apFilePath: path };
  }

  getSavedFileList() {
    return { fileList: [...this.saved].map(([apFilePath, file]) => ({ apFilePath, ...file })) };
  }

  getSavedFileInfo({ apFilePath }) {
    return { ...this.find(apFilePath) };
  }

  removeSavedFile({ apFilePath }) {
    this.find(apFilePath);
    this.saved.delete(apFilePath);
    this.files.remove(apFilePath);
  }

  /** Finds a saved file; assumed: an unsaved path fails like a missing file. */
  find(path) {
    const file = this.saved.get(path);
    if (!file) throw CallFault.of(this.ports.facts, 'saveFile', 12);
    return file;
  }
}
