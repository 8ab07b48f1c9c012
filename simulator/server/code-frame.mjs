import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { nameOfSource } from '../compile/source-maps.mjs';

/** How many lines to show before and after the reported one. */
const AROUND = 2;

/** Longer lines are generated, and are truncated. */
const LONGEST_LINE = 200;

/**
 * Returns the lines of a source around a place.
 *
 * @typedef {{ line: number, text: string, isMeant: boolean }} CodeLine
 *
 * @param {import('../compile/project.mjs').Project} project
 * @param {{ file?: string, line?: number }} place
 * @returns {Promise<CodeLine[]>} empty if the place is in neither a file of the build nor a source of its source map
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

/** Returns a source's text from the map. Code that a framework generates from it has the same name plus a query. */
function mappedText(sourceMap, file) {
  const { sources = [], sourcesContent = [] } = sourceMap?.payload ?? {};
  const named = sources.filter((source) => nameOfSource(source) === file);
  return sourcesContent[sources.indexOf(named.find((source) => !source.includes('?')) ?? named[0])];
}
