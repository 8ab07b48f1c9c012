#!/usr/bin/env node
/**
 * Runs the whole stack until it is stopped:
 *
 *   node simulator/dev.mjs FOLDER --map https://api.shop.example=http://127.0.0.1:3000     (--help lists all options)
 *
 * The stack runs in a session of its own, out of reach of Ctrl-C in the terminal: esbuild's child process would otherwise die with a stack
 * trace. It stops when its standard input closes, so it also stops when this process is killed.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = [fileURLToPath(new URL('stack/run.mjs', import.meta.url)), ...process.argv.slice(2)];

const stack = spawn(process.execPath, command, { detached: true, stdio: ['pipe', 'inherit', 'inherit'] });
let asked = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (asked) process.kill(-stack.pid, 'SIGKILL');
    else stack.stdin.end();
    asked = true;
  });
}
// The stack may have exited already.
stack.stdin.on('error', () => {});
stack.on('exit', (code) => process.exit(code ?? 1));
