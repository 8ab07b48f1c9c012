import { CallFault } from './call-fault.mjs';
import { DIGESTS } from './digest.mjs';

/** The size limit of one saved file. */
const MOST = 10 * 1024 * 1024;

/** `my.saveFile` and the related calls, on the phone's files; methods are named like the calls. */
export class SavedFiles {
  /** @param {import('./platform.mjs').Ports} ports @param {import('./files.mjs').Files} files */
  constructor(ports, files) {
    Object.assign(this, { ports, files });
  }

  saveFile({ apFilePath }) {
    if (typeof apFilePath !== 'string' || apFilePath === '') throw this.fault(2);
    const file = this.files.find(apFilePath);
    if (!file) throw this.fault(12);
    if (file.bytes.length > MOST) throw this.fault(19);
    return { apFilePath: this.files.save(file) };
  }

  getSavedFileList() {
    return { fileList: savedFiles(this.files).map(([apFilePath, file]) => ({ apFilePath, ...described(file) })) };
  }

  getSavedFileInfo({ apFilePath }) {
    return described(this.find(apFilePath));
  }

  removeSavedFile({ apFilePath }) {
    this.find(apFilePath);
    this.files.remove(apFilePath);
  }

  getFileInfo({ apFilePath, digestAlgorithm }) {
    return fileInfo(this.files.find(apFilePath), digestAlgorithm, this.ports.facts);
  }

  /** Finds a saved file; assumed: an unsaved path fails like a missing file. */
  find(path) {
    const file = this.files.find(path);
    if (!file?.saved) throw this.fault(12);
    return file;
  }

  fault(number) {
    return CallFault.of(this.ports.facts, 'saveFile', number);
  }
}

/** @param {import('./files.mjs').Files} files @returns {[string, import('./files.mjs').File][]} */
export function savedFiles({ entries }) {
  return [...entries].filter(([, { saved }]) => saved);
}

function described({ bytes, modified }) {
  return { size: bytes.length, createTime: modified };
}

/** Returns the size and digest of a file. Assumed: `my.getFileInfo` has the file manager's error numbers. */
export function fileInfo(file, digestAlgorithm = 'md5', facts) {
  const fault = (number) => CallFault.of(facts, 'FileSystemManager.getFileInfo', number);
  if (!file) throw fault(12);
  if (!Object.hasOwn(DIGESTS, digestAlgorithm)) throw fault(16);
  return { size: file.bytes.length, digest: DIGESTS[digestAlgorithm](file.bytes) };
}
