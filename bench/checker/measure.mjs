// Runs a command, and measures its time and peak memory with its child processes.
import { readFileSync } from 'node:fs';
import { Program } from '../../simulator/stack/program.mjs';

/** The sum of the peak memory of a process and its children, in MiB. */
function highest(pid) {
  const high = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return (high ? Number(high[1]) / 1024 : 0) + children.reduce((sum, child) => sum + highest(child), 0);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ seconds: number, mebibytes: number, code: number | null, output: string }>}
 */
export async function measure(command, args, options = {}) {
  const start = process.hrtime.bigint();
  const program = new Program([command, ...args], { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  let mebibytes = 0;
  const poll = setInterval(() => {
    try {
      mebibytes = Math.max(mebibytes, highest(program.pid));
    } catch {
      // The process has ended, or this system has no /proc.
    }
  }, 10);
  const { code, how } = await program.ended;
  clearInterval(poll);
  if (program.pid === undefined) throw new Error(`${command}: ${how}`);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, mebibytes, code, output: program.output };
}
