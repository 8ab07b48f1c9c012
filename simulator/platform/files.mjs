/**
 * The phone's files, which page code knows by path. The documents show temporary ones as https://resource/….image; the extension names the
 * kind of content.
 */
const TEMPORARY = 'https://resource/';

const ENDINGS = [
  [/^image\//, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^application\/pdf\b/, 'pdf'],
];

/** @typedef {{ bytes: Uint8Array, type: string }} File `type` is a media type */

export class Files {
  constructor() {
    /** @type {Map<string, File>} */
    this.kept = new Map();
    this.lastNumber = 0;
  }

  /** Adds a temporary file. @param {File} file @returns {string} its path */
  add(file) {
    const ending = ENDINGS.find(([type]) => type.test(file.type))?.[1] ?? 'other';
    this.lastNumber += 1;
    return this.keep(`${TEMPORARY}${this.lastNumber}.${ending}`, file);
  }

  /** @param {string} path @param {File} file @returns {string} the path */
  keep(path, file) {
    this.kept.set(path, file);
    return path;
  }

  /** @param {string} path */
  remove(path) {
    this.kept.delete(path);
  }

  /** @param {string} path @returns {File | undefined} */
  find(path) {
    return this.kept.get(path);
  }
}
