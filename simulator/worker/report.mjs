import { send } from './channel.mjs';
import { describe } from './plain.mjs';

/**
 * Tells the host of something that went wrong, to be shown in the page, on the timeline and in the terminal.
 * @param {unknown} error what was thrown; page code may throw anything
 * @param {{ file: string, line: number, column: number }} [place] where known better than from the stack
 */
export function reportError(error, place) {
  const isError = error instanceof Error;
  const message = isError
    ? `${error.name}: ${unknownMyCall(error.message)}`
    : `thrown: ${JSON.stringify(describe(error))}`;
  send({ type: 'error', message, stack: isError ? String(error.stack) : '', place });
}

/** Runs page code; what it throws is reported and does not reach the runtime. */
export function runPageCode(code, place) {
  try {
    return code();
  } catch (error) {
    reportError(error, place);
    return undefined;
  }
}

/** The compiler finds `my.x()`; a call through another name ends here. */
function unknownMyCall(message) {
  const name = /^my\.(\w+) is not a function$/.exec(message)?.[1];
  return name
    ? `my.${name} is not in this simulator's subset, or not in the chosen generation of the platform`
    : message;
}
