// Runs load from another process, and measures the server's cost.

import { Program } from '../../simulator/stack/program.mjs';
import { OTHERS, pinned } from './processes.mjs';

/**
 * Runs the load generator to its end.
 *
 * @param {{ program: string, server: import('./processes.mjs').Server, path: string, args: string[] }} load
 * @returns {Promise<{ requests: number, perSecond: number, p50: number, p99: number, cpu: number, alone: number, own: number }>} `cpu` is
 *   the server's processor time per request in microseconds, `alone` the same without its databases, `own` the generator's share of
 *   its processor
 */
export async function put({ program, server, path, args }) {
  const [before, aloneBefore] = [server.cpu, server.alone];
  const timed = ['bash', '-c', '"$@"; code=$?; times >&2; exit $code', 'load', program, `${server.url}${path}`, ...args];
  const generator = new Program(pinned(OTHERS, timed));
  const { code } = await generator.ended;
  const { output, log: times } = generator;
  if (code !== 0) throw new Error(`the load generator failed: ${times}`);
  const { requests, failed, seconds, p50_us: p50, p99_us: p99 } = JSON.parse(output);
  if (Object.keys(failed).length > 0) {
    throw new Error(`some of ${requests} requests to ${path} failed, by status: ${JSON.stringify(failed)}\n${server.complaints}`);
  }
  const [cpu, alone] = [server.cpu - before, server.alone - aloneBefore].map((time) => (time * 1e6) / requests);
  return { requests, perSecond: requests / seconds, p50, p99, cpu, alone, own: secondsOf(times) / seconds };
}

/** The last line of `times` is about the shell's children: user and system time. */
function secondsOf(times) {
  const line = times.trim().split('\n').at(-1);
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
