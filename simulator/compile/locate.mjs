import path from 'node:path';
import { isOwnSource } from './logic.mjs';

/**
 * Turns a stack trace of the bundled scripts into places in the mini-program's own files.
 *
 * @param {import('./project.mjs').Project} project
 * @param {string} stack as `Error.stack` gives it
 * @returns {{ file: string, line: number, column: number }[]} innermost first; frames of the simulator itself are left out
 */
export function locateStack({ folder, sourceMap, workers }, stack) {
  return [...stack.matchAll(/(?:worker|workers\/(\d+))\.js[^:\s]*:(\d+):(\d+)/g)]
    .map(([, index, line, column]) => {
      const map = index === undefined ? sourceMap : workers[Number(index)]?.sourceMap;
      return map ? map.findEntry(Number(line) - 1, Number(column) - 1) : {};
    })
    .filter(({ originalSource }) => originalSource && !isOwnSource(path.resolve(folder, originalSource)))
    .map(({ originalSource, originalLine, originalColumn }) => ({
      file: originalSource,
      line: originalLine + 1,
      column: originalColumn + 1,
    }));
}
