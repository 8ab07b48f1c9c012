import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/**
 * One figure; README.md explains each member.
 *
 * @typedef {{
 *   name: string, value: number, unit: string, group?: string, ratio?: number, against?: string,
 *   at_most?: number, at_least?: number, judged?: 'value',
 * }} Figure
 */

/**
 * Parses a script's options: `--json FILE` and its own.
 *
 * @param {import('node:util').ParseArgsConfig['options']} [own]
 * @returns {Record<string, any>}
 */
export function readOptions(own = {}) {
  return parseArgs({ options: { json: { type: 'string' }, ...own } }).values;
}

/**
 * Writes the figures to the file, or prints them if there is none.
 *
 * @param {Figure[]} figures
 * @param {{ json?: string }} options
 */
export async function report(figures, { json }) {
  if (json) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  else console.table(figures);
}

/** Returns the median of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Returns the median of the rounds' ratios. */
export function medianRatio(numbers, bases) {
  return median(numbers.map((number, round) => number / bases[round]));
}
