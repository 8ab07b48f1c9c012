import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Resolves addresses in a mini-program's sources: `/x` from its folder, `./x` from the referring file, anything else in a package, which
 * may be installed in a parent folder. Each file is named by its path in the mini-program's folder, with slashes; a package's file as
 * `node_modules/...`, wherever it really is.
 */
export class Files {
  /** @param {string} folder the mini-program's folder */
  constructor(folder) {
    this.folder = folder;
    /** Absolute paths of all files that were read, to be watched. */
    this.asked = new Set();
  }

  /**
   * @param {string} address as written
   * @param {string} from the referring file
   * @param {string} extension the wanted file's extension, which the address may omit
   * @returns {string | null} the file; null if there is none
   */
  find(address, from, extension) {
    const beside = path.posix.join(path.posix.dirname(from), address);
    const inPackage = `node_modules/${address}`;
    // If no package matches, try relative to the file, then to the folder (assumed, from published code).
    const places = address.startsWith('/') ? [address.slice(1)] : address.startsWith('.') ? [beside] : [inPackage, beside, address];
    const candidates = places.flatMap((place) => withEndings(place, extension)).map((place) => path.posix.normalize(place));
    return candidates.find((file) => !file.startsWith('..') && this.has(file)) ?? null;
  }

  /** Returns a file's absolute path; of a missing file, where it would be. @param {string} file @returns {string} */
  absolute(file) {
    const own = path.join(this.folder, file);
    if (!file.startsWith('node_modules/')) return own;
    for (let at = this.folder; at !== path.dirname(at); at = path.dirname(at))
      if (existsSync(path.join(at, file))) return path.join(at, file);
    return own;
  }

  has(file) {
    return statSync(this.absolute(file), { throwIfNoEntry: false })?.isFile() === true;
  }

  /** Reads a file. @param {string} file @returns {string | null} null if it does not exist */
  read(file) {
    const absolute = this.absolute(file);
    this.asked.add(absolute);
    return this.has(file) ? readFileSync(absolute, 'utf8') : null;
  }
}

function withEndings(place, extension) {
  return place.endsWith(extension) ? [place] : [`${place}${extension}`, `${place}/index${extension}`];
}
