import { send } from './channel.mjs';
import { isArrayBuffer } from '../platform/plain.mjs';

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
    ? `${error.name}: ${shortened(explained(error.message))}`
    : `thrown: ${shortened(JSON.stringify(describe(error)) ?? '')}`;
  send({ type: 'error', message, stack: isError ? String(error.stack) : '', place });
}

/** What page code throws may be anything, and is read in one line. */
const LONGEST_MESSAGE = 500;

function shortened(text) {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}… (${text.length} characters)` : text;
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

/** The same, of a place in the sources that the build knows. */
export function noticeAt(message, place) {
  send({ type: 'notice', message, stack: '', place });
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

/** Copies of values that can leave the Worker, and what they lose. */

const DEPTH = 6;
const ENTRIES = 200;
const TEXT = 20_000;

/**
 * A bounded copy for people to read: what a message cannot carry is named instead. An object's own `toJSON` is honoured,
 * so that a value that redacts itself stays redacted.
 * @param {unknown} value
 */
export function describe(value, depth = 0) {
  if (typeof value === 'string')
    {return value.length > TEXT ? `${value.slice(0, TEXT)}… (${value.length} characters)` : value;}
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH) return '[deeper]';
  if (isArrayBuffer(value)) return `[ArrayBuffer, ${value.byteLength} bytes]`;
  if (typeof value.toJSON === 'function')
    {return describe(attempt(() => value.toJSON()), depth + 1);}
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((item) => describe(item, depth + 1));
  const named = value instanceof Error ? { name: value.name, message: value.message } : {};
  for (const key of Object.keys(value).slice(0, ENTRIES))
    {named[key] = describe(attempt(() => value[key]), depth + 1);}
  return named;
}

/**
 * What is lost when a value is copied as JSON, in words; nothing where all is kept. A value that says itself what it is as
 * JSON is believed.
 * @param {unknown} value
 * @param {string} [at] where it stands
 * @returns {string | undefined}
 */
export function findLoss(value, at = '', depth = 0) {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return `${at} is ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `${at} is ${value}`;
  if (typeof value !== 'object' || value === null || typeof value.toJSON === 'function' || depth >= DEPTH) return undefined;
  if (!Array.isArray(value) && Object.prototype.toString.call(value) !== '[object Object]')
    {return `${at} is ${Object.prototype.toString.call(value).slice(8, -1)}`;}
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
