import { send } from './channel.mjs';
import { isArrayBuffer } from '../platform/plain.mjs';

/** Receives what page code throws: the app's `onError`. */
let listener = () => {};

/** @param {(error: unknown) => void} listen */
export function onPageError(listen) {
  listener = listen;
}

/** Receives what the code of components throws: the listeners of `my.onComponentError`. */
let componentListener = () => {};

/** @param {(error: unknown, method: string, component: object) => void} listen */
export function onComponentError(listen) {
  componentListener = listen;
}

/** @param {unknown} error @param {string} method @param {object} component as page code sees it */
export function tellComponentError(error, method, component) {
  componentListener(error, method, component);
}

/** Methods of a page that the platform has and the simulator lacks. */
let lacking = [];

/** @param {string[]} names */
export function setLacking(names) {
  lacking = names;
}

/**
 * Reports an error to the host, which shows it on the page, in the timeline and in the terminal.
 * @param {unknown} error page code may throw anything
 * @param {{ file: string, line: number, column: number }} [place] if known better than from the stack
 */
export function reportError(error, place) {
  const isError = error instanceof Error;
  const message = isError
    ? `${error.name}: ${shortened(explained(error.message))}`
    : `thrown: ${shortened(JSON.stringify(describe(error)) ?? '')}`;
  send({ type: 'error', message, stack: isError ? String(error.stack) : '', place });
}

/** Page code may throw long values; the message is shown on one line. */
const LONGEST_MESSAGE = 500;

function shortened(text) {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}… (${text.length} characters)` : text;
}

const noticed = new Set();

/**
 * Reports, once, code that is valid but probably a mistake, or that uses something unsimulated.
 * @param {string} message
 * @param {string} [stack] of the page code meant; by default the caller's
 */
export function notice(message, stack = new Error(message).stack) {
  const key = `${message} ${stack}`;
  if (noticed.has(key)) return;
  noticed.add(key);
  send({ type: 'notice', message, stack });
}

/** Reports a notice at a place in the sources. */
export function noticeAt(message, place) {
  send({ type: 'notice', message, stack: '', place });
}

/** Runs page code; errors are reported and never reach the runtime. */
export function runPageCode(code, place) {
  try {
    return code();
  } catch (error) {
    reportError(error, place);
    listener(error);
    return undefined;
  }
}

/** Explains a missing method. The compiler already finds `my.x()`; a call through another name fails here. */
function explained(message) {
  const [, owner, name] = /^(my|this)\.([\w$]+) is not a function$/.exec(message) ?? [];
  if (owner === 'my') return `my.${name} is not in this simulator's subset, or not in the chosen generation of the platform`;
  if (lacking.includes(name)) return `${name} of a page is not in this simulator's subset`;
  return message;
}

/** Creates a `console` that sends its lines to the host. A line that starts with `[miniauth]` is a decision of the library. */
export function createConsole() {
  const line =
    (level) =>
    (...values) =>
      send({ type: 'console', level, values: values.map((value) => describe(value)) });
  return { log: line('log'), info: line('info'), warn: line('warn'), error: line('error'), debug: line('debug') };
}

/** Copies values that leave the Worker, and reports what a copy loses. */

const DEPTH = 6;
const ENTRIES = 200;
const TEXT = 20_000;

/**
 * Copies a value for display, within limits; what a message cannot carry is named instead. An object's `toJSON` is called, so a
 * self-redacting value stays redacted.
 * @param {unknown} value
 */
export function describe(value, depth = 0) {
  if (typeof value === 'string') {
    return value.length > TEXT ? `${value.slice(0, TEXT)}… (${value.length} characters)` : value;
  }
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH) return '[deeper]';
  if (isArrayBuffer(value)) return `[ArrayBuffer, ${value.byteLength} bytes]`;
  if (typeof value.toJSON === 'function') {
    return describe(
      attempt(() => value.toJSON()),
      depth + 1,
    );
  }
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((item) => describe(item, depth + 1));
  const named = value instanceof Error ? { name: value.name, message: value.message } : {};
  for (const key of Object.keys(value).slice(0, ENTRIES)) {
    named[key] = describe(
      attempt(() => value[key]),
      depth + 1,
    );
  }
  return named;
}

/**
 * Says what a JSON copy of a value would lose; undefined if nothing. A value with its own `toJSON` is trusted.
 * @param {unknown} value
 * @param {string} [at] the value's path
 * @returns {string | undefined}
 */
export function findLoss(value, at = '', depth = 0) {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return `${at} is ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `${at} is ${value}`;
  if (typeof value !== 'object' || value === null || typeof value.toJSON === 'function' || depth >= DEPTH) return undefined;
  if (!Array.isArray(value) && Object.prototype.toString.call(value) !== '[object Object]') {
    return `${at} is ${Object.prototype.toString.call(value).slice(8, -1)}`;
  }
  for (const key of Object.keys(value)) {
    const loss = findLoss(value[key], Array.isArray(value) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`, depth + 1);
    if (loss) return loss;
  }
  return undefined;
}

function attempt(read) {
  try {
    return read();
  } catch (error) {
    return `[threw ${error}]`;
  }
}
