/**
 * A fault in a mini-program's source: always has a file and, where possible, a line.
 *
 * Faults are collected, not thrown one by one, so the page can show all of them at once.
 */
export class SourceFault extends Error {
  /** Whether a phone runs the mini-program anyway: a fault in a strict build, otherwise a notice. */
  isGap = false;

  /**
   * @param {string} message what is wrong and how to fix it
   * @param {{ file: string, line?: number, column?: number }} place `file` relative to the mini-program's folder; line and column from 1
   */
  constructor(message, { file, line, column }) {
    super(message);
    this.name = 'SourceFault';
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** `file:line:column: message`, which terminals and editors make clickable. @param {string} [level] before the message */
  toString(level = '') {
    return `${[this.file, this.line, this.column].filter((part) => part !== undefined).join(':')}: ${level}${this.message}`;
  }

  toJSON() {
    return { file: this.file, line: this.line, column: this.column, message: this.message };
  }
}

/** A named source text that converts offsets to lines and columns. */
export class Source {
  /**
   * @param {string} file path relative to the mini-program's folder
   * @param {string} text
   */
  constructor(file, text) {
    this.file = file;
    this.text = text;
  }

  /** @param {number} offset @returns {{ file: string, line: number, column: number }} */
  placeAt(offset) {
    const before = this.text.slice(0, offset);
    const line = before.split('\n').length;
    return { file: this.file, line, column: offset - before.lastIndexOf('\n') };
  }

  /** @param {number} offset @param {string} message @returns {SourceFault} */
  fault(offset, message) {
    return new SourceFault(message, this.placeAt(offset));
  }

  /**
   * A feature that this simulator lacks, or a mistake that the platform tolerates.
   * @param {number} offset @param {string} message @returns {SourceFault}
   */
  gap(offset, message) {
    return asGap(this.fault(offset, message));
  }

  /**
   * Returns a fault at a JSON key in a configuration file, or for the file if the key is not found.
   * @param {string} key @param {string} message @returns {SourceFault}
   */
  faultAtKey(key, message) {
    const offset = this.text.indexOf(JSON.stringify(key));
    return offset < 0 ? new SourceFault(message, { file: this.file }) : this.fault(offset, message);
  }
}

/** Marks a fault as a gap. @param {SourceFault} fault @returns {SourceFault} */
export function asGap(fault) {
  fault.isGap = true;
  return fault;
}

/**
 * Divides findings into those that fail the build and those that are only reported.
 *
 * @param {SourceFault[]} found
 * @param {boolean} strict whether gaps fail it too
 * @returns {{ faults: SourceFault[], notices: SourceFault[] }}
 */
export function divide(found, strict) {
  const ends = ({ isGap }) => strict || !isGap;
  return { faults: found.filter(ends), notices: found.filter((fault) => !ends(fault)) };
}
