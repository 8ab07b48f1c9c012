import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { nameOfSource } from '../compile/source-maps.mjs';

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
 * @returns {Promise<CodeLine[]>} nothing where the place is in no file that the build read, nor in a source of its source map
 */
export async function codeFrame({ folder, files, sourceMap }, { file, line }) {
  if (!line) return [];
  const absolute = path.resolve(folder, file ?? '');
  const text = files.includes(absolute) ? await readFile(absolute, 'utf8').catch(() => '') : mappedText(sourceMap, file);
  if (!text) return [];
  const lines = text.split('\n');
  const from = Math.max(1, line - AROUND);
  return lines.slice(from - 1, line + AROUND).map((shown, index) => ({
    line: from + index,
    text: shown.length > LONGEST_LINE ? `${shown.slice(0, LONGEST_LINE)}…` : shown,
    isMeant: from + index === line,
  }));
}

/** A source as its map has it. What frameworks generate of one stands there too, under its name with a query. */
function mappedText(sourceMap, file) {
  const { sources = [], sourcesContent = [] } = sourceMap?.payload ?? {};
  const named = sources.filter((source) => nameOfSource(source) === file);
  return sourcesContent[sources.indexOf(named.find((source) => !source.includes('?')) ?? named[0])];
}
