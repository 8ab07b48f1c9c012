// Runs a command and says how long it took and how much memory it held at most.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * @param {string} command
 * @param {string[]} args
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
        const high = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        mebibytes = Math.max(mebibytes, high ? Number(high[1]) / 1024 : 0);
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
