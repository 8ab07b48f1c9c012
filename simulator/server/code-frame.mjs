import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** So many lines before and after the one that is meant. */
const AROUND = 2;

/** Longer lines are generated, and are cut. */
const LONGEST_LINE = 200;

/**
 * The lines of a source around a place.
 *
 * @typedef {{ line: number, text: string, isMeant: boolean }} CodeLine
 *
 * @param {import('../compile/project.mjs').Project} project
 * @param {{ file?: string, line?: number }} place
 * @returns {Promise<CodeLine[]>} nothing where the place is in no file that the build read
 */
export async function codeFrame({ folder, files }, { file, line }) {
  const absolute = path.resolve(folder, file ?? '');
  if (!line || !files.includes(absolute)) return [];
  const lines = (await readFile(absolute, 'utf8').catch(() => '')).split('\n');
  const from = Math.max(1, line - AROUND);
  return lines.slice(from - 1, line + AROUND).map((text, index) => ({
    line: from + index,
    text: text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text,
    isMeant: from + index === line,
  }));
}
