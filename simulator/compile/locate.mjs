import path from 'node:path';
import { isOwnSource } from './logic.mjs';

/**
 * Turns a stack trace of the bundled Worker script into places in the mini-program's own files.
 *
 * @param {import('./project.mjs').Project} project
 * @param {string} stack as `Error.stack` gives it
 * @returns {{ file: string, line: number, column: number }[]} innermost first; frames of the simulator itself are left out
 */
export function locateStack({ folder, sourceMap }, stack) {
  if (!sourceMap) return [];
  return [...stack.matchAll(/worker\.js[^:\s]*:(\d+):(\d+)/g)]
    .map(([, line, column]) => sourceMap.findEntry(Number(line) - 1, Number(column) - 1))
    .filter(({ originalSource }) => originalSource && !isOwnSource(path.resolve(folder, originalSource)))
    .map(({ originalSource, originalLine, originalColumn }) => ({
      file: originalSource,
      line: originalLine + 1,
      column: originalColumn + 1,
    }));
}
