import { send } from './channel.mjs';
import { describe } from './plain.mjs';

/** Told of what page code throws: the app's own `onError`. */
let listener = () => {};

/** @param {(error: unknown) => void} listen */
export function onPageError(listen) {
  listener = listen;
}

/** What page code may call on a page in the platform, and not here. */
let lacking = [];

/** @param {string[]} names */
export function setLacking(names) {
  lacking = names;
}

/**
 * Tells the host of something that went wrong, to be shown in the page, on the timeline and in the terminal.
 * @param {unknown} error what was thrown; page code may throw anything
 * @param {{ file: string, line: number, column: number }} [place] where known better than from the stack
 */
export function reportError(error, place) {
  const isError = error instanceof Error;
  const message = isError
    ? `${error.name}: ${explained(error.message)}`
    : `thrown: ${JSON.stringify(describe(error))}`;
  send({ type: 'error', message, stack: isError ? String(error.stack) : '', place });
}

const noticed = new Set();

/**
 * Tells, once, of something that is no error but surely not meant, or known to the platform and not simulated.
 * @param {string} message
 * @param {string} [stack] of the page code that is meant, where that is not the caller
 */
export function notice(message, stack = new Error(message).stack) {
  const key = `${message} ${stack}`;
  if (noticed.has(key)) return;
  noticed.add(key);
  send({ type: 'notice', message, stack });
}

/** Runs page code; what it throws is reported and does not reach the runtime. */
export function runPageCode(code, place) {
  try {
    return code();
  } catch (error) {
    reportError(error, place);
    listener(error);
    return undefined;
  }
}

/** The compiler finds `my.x()`; a call through another name ends here. */
function explained(message) {
  const [, owner, name] = /^(my|this)\.([\w$]+) is not a function$/.exec(message) ?? [];
  if (owner === 'my') return `my.${name} is not in this simulator's subset, or not in the chosen generation of the platform`;
  if (lacking.includes(name)) return `${name} of a page is not in this simulator's subset`;
  return message;
}

/** A `console` whose lines go to the host. A line that starts with `[miniauth]` is a decision of the library. */
export function createConsole() {
  const line = (level) => (...values) => send({ type: 'console', level, values: values.map((value) => describe(value)) });
  return { log: line('log'), info: line('info'), warn: line('warn'), error: line('error'), debug: line('debug') };
}
