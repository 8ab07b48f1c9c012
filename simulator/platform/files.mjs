/**
 * The phone's files, which page code knows by path. Page logic and its host each have a copy, because page logic also reads files
 * synchronously. A change calls `changed`, which notifies the other side, and that side calls `receive`. The documents show temporary files as https://resource/….image; the
 * extension names the kind of content. The formats of a saved file's path and of the user's folder are assumed.
 */
const RESOURCES = 'https://resource/';

/** The app's own folder, `my.env.USER_DATA_PATH`. */
export const USER_FOLDER = 'https://usr';

const ENDINGS = [
  [/^image\//, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^application\/pdf\b/, 'pdf'],
];

/** @typedef {{ bytes: Uint8Array, type: string }} Content `type` is a media type */
/** @typedef {Content & { modified: number, saved?: boolean, isFolder?: undefined }} File `saved`: kept by `saveFile`, without a path of its own */
/** @typedef {{ isFolder: true, modified: number }} Folder */

export class Files {
  /**
   * @param {object} [options]
   * @param {() => number} [options.now]
   * @param {(path: string, entry: File | Folder | null) => void} [options.changed] `null` for a removed entry
   */
  constructor({ now = Date.now, changed = () => {} } = {}) {
    Object.assign(this, { now, changed });
    /** @type {Map<string, File | Folder>} */
    this.entries = new Map([[USER_FOLDER, { isFolder: true, modified: now() }]]);
    this.lastNumber = 0;
  }

  /** Adds a temporary file. @param {Content} content @returns {string} its path */
  add(content) {
    return this.keep(this.#nextPath('', content), content);
  }

  /** Keeps a file as `saveFile` does without a path. @param {Content} content @returns {string} its path */
  save(content) {
    return this.#put(this.#nextPath('saved-', content), { ...content, saved: true });
  }

  /** @param {string} path @param {Content} content @returns {string} the path */
  keep(path, { bytes, type }) {
    return this.#put(path, { bytes, type });
  }

  /** @param {string} path */
  makeFolder(path) {
    this.#put(path, { isFolder: true });
  }

  /** @param {string} path */
  remove(path) {
    this.entries.delete(path);
    this.changed(path, null);
  }

  /** @param {string} path @returns {File | undefined} */
  find(path) {
    const entry = this.entries.get(path);
    return entry?.isFolder ? undefined : entry;
  }

  /** @param {string} path */
  isFolder(path) {
    return this.entries.get(path)?.isFolder === true;
  }

  /** Everything below a folder, by path within it. @param {string} folder */
  below(folder) {
    return [...this.entries]
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([path, entry]) => [path.slice(folder.length + 1), entry]);
  }

  /** Applies a change that the other side made. @param {string} path @param {File | Folder | null} entry */
  receive(path, entry) {
    if (entry === null) this.entries.delete(path);
    else this.entries.set(path, entry);
  }

  #put(path, entry) {
    const dated = { ...entry, modified: this.now() };
    this.entries.set(path, dated);
    this.changed(path, dated);
    return path;
  }

  #nextPath(prefix, { type }) {
    const ending = ENDINGS.find(([known]) => known.test(type))?.[1] ?? 'other';
    let path;
    do {
      this.lastNumber += 1;
      path = `${RESOURCES}${prefix}${this.lastNumber}.${ending}`;
    } while (this.entries.has(path));
    return path;
  }
}
