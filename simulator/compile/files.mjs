import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The mini-program's files as addresses in its sources name them: `/x` from its folder, `./x` from the file that names it, anything else
 * in a package, which may be installed further up. Every file is known by its path in the mini-program's folder, with slashes; one of
 * a package as `node_modules/...`, wherever that lies.
 */
export class Files {
  /** @param {string} folder the mini-program's */
  constructor(folder) {
    this.folder = folder;
    /** All that was asked for, by absolute path, to be watched. */
    this.asked = new Set();
  }

  /**
   * @param {string} address as written
   * @param {string} from the file that names it
   * @param {string} extension of the wanted file, which the address may leave out
   * @returns {string | null} the file; null if there is none
   */
  find(address, from, extension) {
    const beside = path.posix.join(path.posix.dirname(from), address);
    const inPackage = `node_modules/${address}`;
    // What looks like a package and is none is meant from the file, or from the folder (assumed, from published code).
    const places = address.startsWith('/') ? [address.slice(1)] : address.startsWith('.') ? [beside] : [inPackage, beside, address];
    const candidates = places.flatMap((place) => withEndings(place, extension)).map((place) => path.posix.normalize(place));
    return candidates.find((file) => !file.startsWith('..') && this.has(file)) ?? null;
  }

  /** @param {string} file @returns {string} its absolute path; where there is none, where it would be */
  absolute(file) {
    const own = path.join(this.folder, file);
    if (!file.startsWith('node_modules/')) return own;
    for (let at = this.folder; at !== path.dirname(at); at = path.dirname(at)) if (existsSync(path.join(at, file))) return path.join(at, file);
    return own;
  }

  has(file) {
    return statSync(this.absolute(file), { throwIfNoEntry: false })?.isFile() === true;
  }

  /** @param {string} file @returns {string | null} null if there is none */
  read(file) {
    const absolute = this.absolute(file);
    this.asked.add(absolute);
    return this.has(file) ? readFileSync(absolute, 'utf8') : null;
  }
}

function withEndings(place, extension) {
  return place.endsWith(extension) ? [place] : [`${place}${extension}`, `${place}/index${extension}`];
}
