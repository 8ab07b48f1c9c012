const { ANSWERS } = require('./answers');

/** @typedef {{ kind: string, brand: string, model: string, system: string, client: string, library: string }} Place */
/**
 * @typedef {object} Report
 * @property {string} format
 * @property {Place} where
 * @property {Record<string, string>} rows the answers by row
 * @property {Record<string, string>} others observations that match no known answer
 * @property {string[]} calls the functions of `my`
 */

/** @returns {Report} an empty report */
function emptyReport() {
  return { format: 'miniauth-probe-1', where: place(), rows: {}, others: {}, calls: [] };
}

/**
 * Records the answer of a row, if there is one. An unexpected answer is recorded as an error number or a fixed word, never as a text of the
 * platform.
 *
 * @param {Report} report
 * @param {string} row
 * @param {string | number | undefined} answer
 */
function settle(report, row, answer) {
  if (answer === undefined) return;
  const text = String(answer);
  delete report.rows[row];
  delete report.others[row];
  if (ANSWERS[row].indexOf(text) >= 0) report.rows[row] = text;
  else report.others[row] = /^[a-z0-9+]{1,12}$/.test(text) ? text : 'something else';
}

/** Where this runs, as far as page code can tell. */
function place() {
  const { isIDE, SDKVersion } = /** @type {{ isIDE?: boolean, SDKVersion?: string }} */ (my);
  const info = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (my.getSystemInfoSync()));
  const system = String(info.platform || '');
  return {
    kind: isIDE === true || /devtools/i.test(system) ? 'ide' : kindOf(system),
    brand: plain(info.brand),
    model: plain(info.model),
    system: plain(system + ' ' + (info.system || '')),
    client: plain(info.version),
    library: plain(SDKVersion || info.SDKVersion),
  };
}

/** @param {string} system */
function kindOf(system) {
  if (system === 'simulator') return 'simulator';
  return /^(ios|iphone os|android|harmony)/i.test(system) ? 'phone' : 'unknown';
}

/**
 * Returns a device's own words, without anything that could be something else.
 *
 * @param {unknown} value
 */
function plain(value) {
  const text = String(value === undefined || value === null ? '' : value).replace(/[^\w .,()+-]/g, '');
  return text.trim().slice(0, 60) || 'unknown';
}

module.exports = { emptyReport, settle };
