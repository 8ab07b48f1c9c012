// Load from another process, and what it cost the server.

import { once } from 'node:events';
import { OTHERS, start } from './processes.mjs';

/**
 * Runs the load generator to its end.
 *
 * @param {{ program: string, server: import('./processes.mjs').Server, path: string, args: string[] }} load
 * @returns {Promise<{ requests: number, perSecond: number, p50: number, p99: number, cpu: number, own: number }>} `cpu` is
 *   the server's processor time per request, in microseconds, `own` the generator's share of its processor
 */
export async function put({ program, server, path, args }) {
  const before = server.cpu;
  const child = start(OTHERS, ['bash', '-c', '"$@"; code=$?; times >&2; exit $code', 'load', program, `${server.url}${path}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, times] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`the load generator failed: ${times}`);
  const { requests, failed, seconds, p50_us: p50, p99_us: p99 } = JSON.parse(output);
  if (Object.keys(failed).length > 0) {
    throw new Error(`some of ${requests} requests to ${path} failed, by status: ${JSON.stringify(failed)}\n${server.complaints}`);
  }
  const cpu = ((server.cpu - before) * 1e6) / requests;
  return { requests, perSecond: requests / seconds, p50, p99, cpu, own: secondsOf(times) / seconds };
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

/** The last line of `times` is about the shell's children: user and system time. */
function secondsOf(times) {
  const line = times.trim().split('\n').at(-1);
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
