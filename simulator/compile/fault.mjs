/**
 * What is wrong with a mini-program's source: always a file and, where one is to blame, a line.
 *
 * Faults are collected, not thrown one by one, so that a page shows all of them at once.
 */
export class SourceFault extends Error {
  /** Whether a phone runs the mini-program all the same: in a strict build a fault, else a notice. */
  isGap = false;

  /**
   * @param {string} message what is wrong and what to do
   * @param {{ file: string, line?: number, column?: number }} place `file` relative to the mini-program's folder, the rest from 1
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

/** A source text with its name, which turns offsets into lines and columns. */
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
   * What the platform has and this simulator lacks, or a mistake that the platform lives with.
   * @param {number} offset @param {string} message @returns {SourceFault}
   */
  gap(offset, message) {
    return asGap(this.fault(offset, message));
  }

  /**
   * The place of a JSON key, for faults in configuration files; the file alone if the key cannot be found.
   * @param {string} key @param {string} message @returns {SourceFault}
   */
  faultAtKey(key, message) {
    const offset = this.text.indexOf(JSON.stringify(key));
    return offset < 0 ? new SourceFault(message, { file: this.file }) : this.fault(offset, message);
  }
}

/** @param {SourceFault} fault @returns {SourceFault} the same, as a gap */
export function asGap(fault) {
  fault.isGap = true;
  return fault;
}

/**
 * What ends a build, and what is only told.
 *
 * @param {SourceFault[]} found
 * @param {boolean} strict whether gaps end it too
 * @returns {{ faults: SourceFault[], notices: SourceFault[] }}
 */
export function divide(found, strict) {
  const ends = ({ isGap }) => strict || !isGap;
  return { faults: found.filter(ends), notices: found.filter((fault) => !ends(fault)) };
}
