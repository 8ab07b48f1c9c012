/** Formats the transcript: one line per event, so two runs can be compared by eye. */

const LONGEST = 150;

const LINES = {
  'platform-call': ({ name, fields, outcome, result }) => `${name}${given(name, fields)} -> ${outcome}${answer(outcome, result)}`,
  panel: ({ panel, reason, items, content, action }) =>
    panel === 'consent'
      ? `consent asked for by ${reason}: ${items.join('、')} -> ${action}`
      : `${panel}: ${content ?? reason} -> ${action}`,
  decision: ({ decision }) => {
    const { kind, operation, outcome, code, reason } = decision;
    return `${operation}: ${kind} ${outcome}${code ? ` (${code})` : ''}${reason ? `: ${reason}` : ''}`;
  },
  request: ({ method, url, outcome, status, errorMessage }) => `${method} ${url} -> ${status ?? `${outcome}: ${errorMessage}`}`,
  socket: ({ url, event, data }) =>
    `${url} ${event}${data === undefined ? '' : `: ${typeof data === 'string' ? data : JSON.stringify(data)}`}`,
  revocation: ({ user }) => `${user} withdraws the consent in the platform's settings`,
  message: ({ method, state, status, error, ...got }) =>
    `${method} -> ${status === undefined ? (error ?? state) : `${status} ${got.answer}`}`,
  console: ({ level, values }) => `${level}: ${values.map((value) => JSON.stringify(value)).join(' ')}`,
  error: ({ message }) => message,
  notice: ({ message }) => message,
};

/**
 * @param {{ kind: string }} entry of the simulator's timeline
 * @returns {string | null} its line; null for gateway calls, which the sandbox itself is asked for
 */
export function timelineLine(entry) {
  return entry.kind === 'gateway-call' ? null : line(entry.kind.replace('-', ' '), LINES[entry.kind](entry));
}

/** @param {import('./sandbox-control.mjs').GatewayCall} call */
export function gatewayLine({ method, outcome, fault }) {
  return line('gateway call', `${method} -> ${outcome}${fault ? ` (fault: ${fault})` : ''}`);
}

/** @param {string} path of a picture */
export function screenshotLine(path) {
  return line('screenshot', path);
}

function line(kind, text) {
  return `${kind.padEnd(14)}${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
}

/** Returns page code's options; a request has its own line, which says more. */
function given(name, fields = {}) {
  if (name === 'request' || name === 'httpRequest') return ` ${fields.method ?? 'GET'} ${fields.url}`;
  return ` ${JSON.stringify(fields)}`;
}

/** Returns why a call failed, or its answer if that is short. */
function answer(outcome, result) {
  if (outcome === 'fail') return `: ${result.error ?? ''} ${result.errorMessage ?? ''}`;
  return typeof result === 'boolean' ? ` ${result}` : '';
}
