// Runs a command and says how long it took and how much memory it held at most, with the processes that it started.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The largest that a process and its children have been, in MiB, each by its own highest mark. */
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
export function measure(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
    let output = '';
    let mebibytes = 0;
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    const poll = setInterval(() => {
      try {
        mebibytes = Math.max(mebibytes, highest(child.pid));
      } catch {
        // The process has ended, or this system has no /proc.
      }
    }, 10);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(poll);
      resolve({ seconds: Number(process.hrtime.bigint() - start) / 1e9, mebibytes, code, output });
    });
  });
}
